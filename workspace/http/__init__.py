"""What the doors share: one request is one Work, errors become answers, who asks, ranges, bodies, headers."""
