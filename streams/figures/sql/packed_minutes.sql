SELECT toDateTime(arrayJoin(arrayFlatten(arrayMap(
    (hour, mask) -> arrayMap(m -> toUInt32(hour + 60 * m), arrayFilter(m -> bitTest(toUInt64(mask), m), range(60))),
    [$hours], [$masks]
))), 'UTC')
