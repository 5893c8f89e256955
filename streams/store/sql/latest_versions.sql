-- The clock, the last refresh, and the greatest version of a fact. What is less than what is known is not looked for,
-- so that indexes skip all but what came since. Few rows are left: a second thread would cost more than it helps.
SELECT
    now64(6, 'UTC') AS now,
    assumeNotNull((SELECT max(upto) FROM refreshes WHERE upto >= {known:DateTime64(6, 'UTC')})) AS refreshed,
    assumeNotNull((
        SELECT max(ingested_at)
        FROM events
        WHERE ingested_at >= greatest(
            {known:DateTime64(6, 'UTC')},
            (SELECT max(upto) FROM refreshes WHERE upto >= {known:DateTime64(6, 'UTC')})
        )
    )) AS landed
SETTINGS max_threads = 1
