-- Not a lightweight delete: that hides rows and leaves their bytes.
ALTER TABLE events DELETE WHERE customer IN {hashes:Array(String)} SETTINGS mutations_sync = 2
