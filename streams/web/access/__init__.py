"""Who gets in at the worker's port: by token, by a session after a login, or by a proxy that is trusted."""
