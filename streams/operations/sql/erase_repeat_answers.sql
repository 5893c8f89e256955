-- Rows of nothing as well: that somebody was there says something about them.
ALTER TABLE repeat_answers DELETE WHERE has(arrayMap(hash -> sipHash64(hash), {hashes:Array(String)}), customer)
SETTINGS mutations_sync = 2
