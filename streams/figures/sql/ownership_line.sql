-- Where in the list of ownership periods those of a row's line begin (metrics.registry.told_apart). What no rule of its
-- place names counts as nothing.
$place AS own_place$version, $segment AS own_segment$version, $region AS own_region$version,
transform(
    (
        (
            toUInt64(own_place$version) * $segments
            + if(
                toUInt64(own_place$version) * $segments + own_segment$version IN ($own_segments),
                own_segment$version, 0
            )
        ) * $regions
        + if(toUInt64(own_place$version) * $regions + own_region$version IN ($own_regions), own_region$version, 0)
    ) * $kinds
    + if(toUInt64(own_place$version) * $kinds + CAST(kind, 'Int8') IN ($own_kinds), CAST(kind, 'Int8'), 0),
    $combinations, $lines, toUInt64(0)
) * $line_s
