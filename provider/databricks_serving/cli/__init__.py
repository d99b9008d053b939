"""The command `dbserving`: one file per command, put together in `main`."""
