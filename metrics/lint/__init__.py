"""What is wrong with a registry, or probably not meant."""
