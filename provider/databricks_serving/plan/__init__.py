"""What would change: three states in, changes and operations out. Pure."""
