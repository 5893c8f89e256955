SELECT count() AS n FROM erased FINAL WHERE customer IN {hashes:Array(String)}
