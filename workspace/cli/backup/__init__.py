"""Backups: snapshots of the data in one folder, the keyring's apart from it, and the way back."""
