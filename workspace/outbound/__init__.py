"""Requests to addresses that people gave us: checked, resolved once, and dialled exactly as they were checked."""
