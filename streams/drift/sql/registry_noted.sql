-- As often as the registry was noted: when it came into force, and once a day.
SELECT noted_at, version
FROM registry_in_force
ORDER BY noted_at, version
