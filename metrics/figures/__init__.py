"""From cells to figures: decayed sums, intervals, balances and scorecards."""
