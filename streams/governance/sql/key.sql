-- What rules can tell apart, as one number, with whom it counts for under each of the registries in question.
-- A function of one column of few values costs once a value and not once a row.
cityHash64(
    $place,
    indexOf({segments:Array(String)}, segment),
    indexOf({regions:Array(String)}, region),
    indexOf({kind_numbers:Array(Int8)}, toInt8(kind)),
    $fact_owners
)
