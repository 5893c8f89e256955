ALTER TABLE events UPDATE customer = '' WHERE customer IN {hashes:Array(String)} SETTINGS mutations_sync = 2
