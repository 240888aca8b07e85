"""Case folders, procedures, deadlines, deliveries and letters."""
