-- Recorded figures of the ends of some days, of all writings that are left; of one department or of all.
SELECT
    toUInt16(day) AS day_number, department, metric, horizon, value, ci_low, ci_high, n, n_eff, suppressed, first_at,
    last_at, sampled_one_in, written
FROM day_balances
WHERE view = {view:String} AND day IN {dates:Array(Date)}
    AND ({department:String} = '' OR department IN ('', {department:String}))
