"""What keeps events and the mirror in order beside the path of an event: the sweeper, reprocessing, catch-up, pruning,
redaction, figures and health."""
