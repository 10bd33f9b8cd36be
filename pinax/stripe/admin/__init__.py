"""Read-only pages of every table, one module a family."""

from . import events, mirror  # noqa: F401
