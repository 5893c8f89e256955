ALTER TABLE rejected UPDATE customer = '' WHERE customer IN {hashes:Array(String)} SETTINGS mutations_sync = 2
