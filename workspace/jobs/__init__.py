"""What happens by itself: the worker and its queue, the sequencer of the log, the schedule, consequences of facts."""
