-- Whether a department ever had a figure: one that the registry no longer declares is still known.
SELECT toBool(count() > 0) AS is_known
FROM
(
    SELECT 1
    FROM balances
    WHERE view = {view:String} AND department = {department:String}
    LIMIT 1
)
