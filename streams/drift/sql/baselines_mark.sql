SELECT count() AS row_count, max(created_at) AS newest_at
FROM baselines
