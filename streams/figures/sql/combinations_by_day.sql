-- About how many combinations the cells of some days have.
SELECT toUInt16(toDate(minute)) AS day, uniq(touchpoint, segment, region, kind) AS combinations
FROM cells
WHERE toDate(minute) IN {dates:Array(Date)}
GROUP BY day
