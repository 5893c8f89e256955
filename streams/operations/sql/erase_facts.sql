-- Not a lightweight delete: that hides rows and leaves their bytes. What occurred later is not noted yet.
ALTER TABLE events DELETE
WHERE customer IN {hashes:Array(String)} AND toUnixTimestamp64Milli(occurred_at) <= {until_ms:Int64}
SETTINGS mutations_sync = 2
