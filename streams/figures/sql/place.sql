-- What a touchpoint counts as, by number. Of all that fit, the greatest number is the most specific. Each is a function
-- of one column of few values, which costs once a value and not once a row.
toUInt32(greatest($matches))
