SELECT at, department, metric, state, direction, since, statistic, threshold, baseline_id,
    explained_by, since_from, since_to
FROM drift FINAL
WHERE withdrawn = 0 AND at > {since:DateTime64(3, 'UTC')}
ORDER BY department, metric, at
