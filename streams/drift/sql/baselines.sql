SELECT
    department, metric, version, reason, note, start_at, end_at, valid_from, exposure, mean, sd, skew, step_sd, freedom,
    rhythm, timezone, created_at
FROM baselines FINAL
ORDER BY department, metric, version
