"""Citizen Workspace: a self-hostable personal cloud that delivers appeals and proves what happened."""

__version__ = "0.1.0"
