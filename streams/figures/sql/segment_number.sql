toUInt32(transform(segment, $names, range(1, $end), 0))
