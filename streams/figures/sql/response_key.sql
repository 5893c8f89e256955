-- What response_combinations calls a combination.
cityHash64(
    $place, $segment, $region, toString(kind),
    arrayCount(b -> b <= toUnixTimestamp(occurred_at), {boundaries:Array(Int64)})
)
