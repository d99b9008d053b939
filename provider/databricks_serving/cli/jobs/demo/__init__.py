"""What `dbserving demo` does: a story in seven steps on the real Pulumi engine."""
