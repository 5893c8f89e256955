"""Each contestant is a program: it reads the topic once, lands every event, commits, and prints what it took."""
