"""The personal cloud: spaces, items, versions, blobs and parts, quota, trash."""
