-- What is not listed was detached by hand, or is a copy that a replica fetched again. Only of the node that answers.
SELECT table, count() AS parts, arrayStringConcat(arraySort(groupArray(name)), ', ') AS names
FROM system.detached_parts
WHERE database = currentDatabase()
    AND (startsWith(reason, 'broken') OR reason IN ('covered-by-broken', 'unexpected', 'noquorum'))
GROUP BY table
ORDER BY table
