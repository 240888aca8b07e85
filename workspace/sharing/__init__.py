"""Grants, links and the one rule of access."""
