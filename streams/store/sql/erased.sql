SELECT customer, toUnixTimestamp64Milli(erased_at) AS erased_ms FROM erased FINAL
