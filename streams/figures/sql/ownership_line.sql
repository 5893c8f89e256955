-- Where in the list of ownership periods those of a row's line begin (metrics.registry.told_apart). What no rule of its
-- place names counts as nothing.
$place AS rule_place, $segment AS rule_segment, $region AS rule_region,
transform(
    (
        (
            toUInt64(rule_place) * $segments
            + if(toUInt64(rule_place) * $segments + rule_segment IN ($own_segments), rule_segment, 0)
        ) * $regions
        + if(toUInt64(rule_place) * $regions + rule_region IN ($own_regions), rule_region, 0)
    ) * $kinds
    + if(toUInt64(rule_place) * $kinds + CAST(kind, 'Int8') IN ($own_kinds), CAST(kind, 'Int8'), 0),
    $combinations, $lines, toUInt64(0)
) * $line_s
