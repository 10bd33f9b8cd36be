"""The list and the pages of events: timeline, explanations, receivers, and the actions on events."""
