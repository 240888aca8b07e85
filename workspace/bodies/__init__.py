"""The directory of government bodies: offices and officials."""
