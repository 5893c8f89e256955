SELECT count() AS n FROM repeat_answers
