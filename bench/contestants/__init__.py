"""Each contestant is a program: it works until its standard input ends, then prints what it has taken."""
