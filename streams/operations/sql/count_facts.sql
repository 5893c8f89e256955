SELECT count() AS n FROM events FINAL WHERE customer IN {hashes:Array(String)}
