"""The same job, from record bytes to rows in the engine, done by cx-balance and by peers, measured in one run."""
