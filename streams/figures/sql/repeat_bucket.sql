toUInt64(view * 1000000 + owner * 10 + CAST(metric, 'Int8'))
