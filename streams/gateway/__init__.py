"""The gateway: a door for events by HTTP, which answers once the broker has them."""
