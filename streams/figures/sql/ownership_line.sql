-- Where in the list of ownership periods those of a row's line begin (metrics.registry.told_apart). What no rule of its
-- place names counts as nothing. Of numbers in a row that are alike the first is listed.
$place AS own_place$version, $segment AS own_segment$version, $region AS own_region$version,
transform(
    roundDown(
        toUInt64(own_place$version) * $place_stride
        + transform(
            roundDown(toUInt64(own_place$version) * $segments + own_segment$version, $segment_edges),
            $segment_edges, $segment_named, toUInt64(0)
        ) * own_segment$version * $segment_stride
        + transform(
            roundDown(toUInt64(own_place$version) * $regions + own_region$version, $region_edges),
            $region_edges, $region_named, toUInt64(0)
        ) * own_region$version * $region_stride
        + transform(
            roundDown(toUInt64(own_place$version) * $kinds + toUInt8(CAST(kind, 'Int8')), $kind_edges),
            $kind_edges, $kind_named, toUInt64(0)
        ) * toUInt8(CAST(kind, 'Int8')) * $kind_stride,
        $combinations
    ),
    $combinations, $lines, toUInt64(0)
) * $line_s
