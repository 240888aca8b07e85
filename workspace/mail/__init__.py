"""Letters as bytes: composing, the outbox of letters, transport."""
