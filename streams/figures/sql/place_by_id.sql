transform(touchpoint, $names, arrayConcat([0], range($first, $end)), 0)
