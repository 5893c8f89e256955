"""A library for services that publish events: typed, never in the way of a request, and nothing is lost meanwhile."""
