"""SPELL IT: a workspace's things as a Pulumi program, and as the file that imports them. Pure."""
