"""Each contestant is a program: it works until its standard input ends, then prints its times and memory."""
