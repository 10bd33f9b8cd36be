"""The overview page: whether all is well, what waits, and figures of the business."""
