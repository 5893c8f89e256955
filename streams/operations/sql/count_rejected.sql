SELECT count() AS n FROM rejected FINAL WHERE customer IN {hashes:Array(String)}
