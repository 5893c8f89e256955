ALTER TABLE rejected DELETE WHERE customer IN {hashes:Array(String)} SETTINGS mutations_sync = 2
