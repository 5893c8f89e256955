"""Sources of foreign events: their file, those that ship with us, and what files of theirs hold."""
