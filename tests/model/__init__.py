"""The protocol as a model: checked exhaustively, and traces of real workers held against it. `make model` runs it."""
