"""Property bags and models: what stands in a user's state file, and how it is read back. Pure."""
