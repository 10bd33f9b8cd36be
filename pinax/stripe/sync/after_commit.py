"""Runs what may only follow a commit, in a way that every supported Django can log."""

from collections.abc import Callable
from typing import Any

from django.db import transaction


def run_after_commit(function: Callable[[], Any], description: str, *, using: str) -> None:
    """Call a function once the transaction of a database is committed, at once without one.

    If it raises, Django logs that under the description, and other callbacks run all the same. Django 5.2 takes the
    name from `__qualname__`, which a `functools.partial` lacks: its failure would be raised in the caller.
    """

    def callback() -> None:
        function()

    callback.__qualname__ = description
    transaction.on_commit(callback, using=using, robust=True)
