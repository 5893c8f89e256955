toUInt32(transform(region, $names, range(1, $end), 0))
