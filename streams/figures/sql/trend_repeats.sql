-- What customers with several observations of a metric add to W2 at several instants: the square of each one's sum of
-- weights, less the sum of their squares. Small blocks: each customer has a number for every instant.
SELECT bucket, metric, sumForEach(added_of_customer) AS added
FROM
(
    SELECT
        bucket, metric,
        arrayMap(
            (at_s, last) -> if(
                customer > last,
                0,
                pow(arraySum((m, c, b, e) -> if(
                    b <= at_s AND at_s < e, c * exp2(-(at_s - m) / {half_life:Float64}), 0
                ), minutes, sizes, begins, ends), 2)
                - arraySum((m, c, b, e) -> if(
                    b <= at_s AND at_s < e, c * exp2(-2 * (at_s - m) / {half_life:Float64}), 0
                ), minutes, sizes, begins, ends)
            ),
            [$instants],
            arrayResize(
                arraySlice(
                    [$last_customers],
                    ((bucket - 1) * 5 + CAST(metric, 'Int8') - 1) * {points:UInt32} + 1, {points:UInt32}
                ),
                {points:UInt32},
                {last_customer:UInt64}
            )
        ) AS added_of_customer
    FROM $answers
)
GROUP BY bucket, metric
SETTINGS max_block_size = 2048
