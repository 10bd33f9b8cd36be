"""Brings what differs from Stripe up to it."""

from functools import partial

from django.db import transaction

from ..models.events import database
from ..sync.batch_writing import RowSnapshot
from ..sync.freshness import is_same
from ..sync.own_writes import write_outside
from ..sync.parts import Owner, write_parts
from ..sync.rows import locked_row, overwrite
from .patience import patiently
from .verifying import Verified, differences, snapshot_of
from .writing import rows_of


def fix(found: Verified) -> bool:
    """Write what Stripe says of an object that was found to differ; whether its row, and its parts, agree then.

    A row that says that it is of the same state has wrong columns all the same: it is written anew from that state.
    """
    each = snapshot_of(found.reading, found.lists)
    if each is None:
        return False
    patiently(partial(write_outside, found.reading, found.lists))
    if agrees(each):
        return True
    with transaction.atomic(using=database()):
        row = locked_row(each.mirrored.model, each.key)
        # Since it was read, an event may have brought something newer.
        if row is not None and not each.snapshot.deleted and is_same(row, each.snapshot):
            overwrite(each.mirrored, row, each.snapshot, each.context)
            if each.mirrored.part is not None:
                write_parts(each.mirrored.part, [Owner(key=each.key, snapshot=each.snapshot, context=each.context)])
    return agrees(each)


def agrees(each: RowSnapshot) -> bool:
    """Whether the row, as it is now, says what Stripe says."""
    return not [*differences(each, rows_of([each.row]).get(each.row))]
