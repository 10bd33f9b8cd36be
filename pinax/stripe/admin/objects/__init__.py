"""The lists and pages of mirrored objects, one module a family; `default` has what all of them share."""
