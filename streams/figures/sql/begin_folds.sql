-- A version for folds of some days: greater than all that their rows have, whatever the clock shows.
SELECT greatest(
    now64(6, 'UTC'),
    assumeNotNull((SELECT max(marked_at) FROM day_folds WHERE day IN {dates:Array(Date)})) + toIntervalMicrosecond(1),
    assumeNotNull((
        SELECT max(folded_at)
        FROM day_cells
        WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND day IN {dates:Array(Date)}
    )) + toIntervalMicrosecond(1)
) AS began
