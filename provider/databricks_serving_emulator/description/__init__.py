"""The emulator's own OpenAPI description: what a workspace takes, and what it answers."""
