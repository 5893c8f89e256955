"""Foreign events as data: which records a source's mapping takes, and the events of ours that it makes of each."""
