"""A small engine of our own: drives `python -m pulumi.dynamic` as the real one does.

It is believed because it replays what the real engine was recorded to do
(`tests/dynamic_server/test_replays.py`).
"""
