"""An event's life: recording, validation, handlers, processing."""
