"""What the doors share: identity, request and Work, errors, headers, ranges."""
