"""What an operator asks for: publish, redrive, erase, examine."""
