-- What customers with several observations add at the end of a day, of all writings that are left.
SELECT view, department, metric, horizon, added, sampled_one_in, written
FROM day_repeats
WHERE day = {day:Date}
