"""What an operator decides: from the environment, then a file, then defaults."""
