"""The JSON API of a worker."""
