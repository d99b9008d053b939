"""Serving endpoints: what they hold, what is checked, how deployments go, what GET answers."""
