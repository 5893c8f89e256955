SELECT countIf(explained_by = 'none') AS alarms, countIf(explained_by != 'none') AS explained
FROM drift FINAL
WHERE withdrawn = 0 AND state != 'calm'
    AND at > {since:DateTime64(3, 'UTC')} AND at <= {until:DateTime64(3, 'UTC')}
