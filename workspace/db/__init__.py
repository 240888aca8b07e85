"""One transaction at a time: engine, column types, Work, facts, the outbox of jobs."""
