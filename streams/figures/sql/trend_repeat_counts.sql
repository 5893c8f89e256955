-- How many customers have several observations of a metric at several instants, of those asked.
SELECT bucket, metric, sumForEach(counts) AS customers
FROM
(
    SELECT
        bucket, metric,
        arrayMap(at_s -> toUInt64(arraySum(
            (c, b, e) -> if(b <= at_s AND at_s < e, toUInt64(c), 0), sizes, begins, ends
        ) > 1), [$instants]) AS counts
    FROM $answers
)
GROUP BY bucket, metric
SETTINGS max_block_size = 2048
