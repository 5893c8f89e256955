-- A step is packed into one number: eight bytes a step are what millions of journeys leave room for. From the top:
-- 35 bits of time in ticks since the start, so that steps sort by time; 12 of the touchpoint, 11 of its owner, 5 of
-- the answer, 1 of the conversion. Equal instants come in the order of what is left: the result is always the same.
-- The answer's code is 0 without one; 1 to 11 are the scores of nps, 12 to 16 those of csat, 17 to 23 those of ces.
toUInt64(intDiv(toUnixTimestamp64Milli(occurred_at) - toInt64({since:Float64} * 1000), {tick:UInt32})) * 536870912
+ toUInt64(transform($key, [$keys], [$places], toUInt32(0))) * 64
+ toUInt64(multiIf(
    kind = 'nps', assumeNotNull(score) + 1,
    kind = 'csat', assumeNotNull(score) + 11,
    kind = 'ces', assumeNotNull(score) + 16,
    0
)) * 2
+ (kind = {conversion:String})
