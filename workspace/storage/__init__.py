"""Bytes behind opaque keys, their sealing, and the keyring. The law of this room stands in README.md."""
