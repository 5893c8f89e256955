transform(extract(touchpoint, concat('^', repeat('[^.]+[.]', $depth))), $names, range($first, $end), 0)
