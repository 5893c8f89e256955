-- Rows of nothing as well: that somebody was there says something about them.
ALTER TABLE repeat_answers DELETE
WHERE has(arrayMap(hash -> sipHash64(hash), {hashes:Array(String)}), customer)
    AND toUnixTimestamp(minute) * 1000 <= {until_ms:Int64}
SETTINGS mutations_sync = 2
