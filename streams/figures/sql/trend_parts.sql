(SELECT * FROM $by_day UNION ALL SELECT * FROM $by_minute)
