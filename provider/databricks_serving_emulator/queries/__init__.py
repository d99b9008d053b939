"""Queries of endpoints: who may ask, what the gateway makes of it, and what an echo answers."""
