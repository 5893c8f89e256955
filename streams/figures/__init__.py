"""From facts to figures: minutes, days, groups, and the snapshot that everybody reads."""
