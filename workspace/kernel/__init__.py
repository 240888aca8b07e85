"""Words that every room shares: actors, things, facts, errors, ports. Imports nothing of ours."""
