SELECT toUInt16(toDate(min(minute))) AS day, count() > 0 AS has_cells FROM cells
