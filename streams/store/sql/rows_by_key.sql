-- Stored rows with a customer, copies included, by the id of the key that the customer was hashed with.
SELECT key_id, sum(n) AS stored
FROM
(
    SELECT toString(key_id) AS key_id, count() AS n FROM events WHERE key_id != '' GROUP BY key_id
    UNION ALL
    SELECT substring(customer, 1, 8) AS key_id, count() AS n FROM rejected WHERE customer != '' GROUP BY key_id
)
GROUP BY key_id
ORDER BY key_id
