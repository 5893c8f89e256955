-- Customers of whom an answer has come since what is kept, or has left one of both windows.
customer IN
(
    SELECT customer
    FROM repeat_answers
    WHERE minute >= toDateTime({came:UInt32}, 'UTC')
        OR minute BETWEEN toDateTime({short_left:UInt32}, 'UTC') AND toDateTime({short_stays:UInt32}, 'UTC')
        OR minute BETWEEN toDateTime({long_left:UInt32}, 'UTC') AND toDateTime({long_stays:UInt32}, 'UTC')
)
