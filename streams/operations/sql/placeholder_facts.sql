-- Facts whose customer is the hash of a placeholder, by source: they landed before such texts counted as no customer.
SELECT source, count() AS facts
FROM events FINAL
WHERE customer IN {hashes:Array(String)}
GROUP BY source
ORDER BY facts DESC, source
