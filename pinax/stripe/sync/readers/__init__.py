"""What each type of object says, in any API version's shape, as columns: one module a family of objects."""
