"""The report for the meeting of the department heads: what to say of a period, in words, with its evidence.

Pure functions: findings from figures, sentences from findings in three languages, and pages from sentences. No finding
is about a person, and none blames a department on less than 30 effective observations.
"""
