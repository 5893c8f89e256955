-- A number for what ownership rules can tell apart.
((((toUInt64(ownership_period) * $places + place) * $segments + segment_number) * $regions + region_number) * 32
    + toUInt8(CAST(kind, 'Int8')))
