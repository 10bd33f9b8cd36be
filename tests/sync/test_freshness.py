"""The tables of docs/explanation/mirror.md are what `decide` decides."""

import datetime
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from pinax.stripe.models import Coupon, Subscription
from pinax.stripe.sync.freshness import decide
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.sync.snapshots import Snapshot
from pinax.stripe.testing import build_object

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "mirror.md"
HEADER = "| The row is | The snapshot is | Its time is | Decision |\n| --- | --- | --- | --- |\n"
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row and a snapshot; times are seconds after `START`."""

    row_deleted: bool
    as_of: int
    as_of_end: int
    snapshot_deleted: bool
    #: Whether the snapshot has the row's content.
    same: bool
    #: Whether a list of the snapshot is cut short.
    cut: bool
    #: When the object was created, in the row and in the snapshot.
    row_created: int
    created: int
    at: int


#: What the first and the second column say -> whether it fits a case.
ROWS = {
    "anything": lambda case: True,
    "an object": lambda case: not case.row_deleted,
    "a tombstone": lambda case: case.row_deleted,
}
SNAPSHOTS = {
    "anything": lambda case: True,
    "an object": lambda case: not case.snapshot_deleted,
    "the same, with complete lists": lambda case: (
        case.same and not case.cut and case.row_deleted == case.snapshot_deleted
    ),
    "a deletion": lambda case: case.snapshot_deleted,
    "a deletion from before the row's object was created": lambda case: (
        case.snapshot_deleted and case.row_created > case.at
    ),
    "an object that was created after `as_of_end`": lambda case: (
        not case.snapshot_deleted and case.created > case.as_of_end
    ),
}
TIMES = {
    "any": lambda case: True,
    "after `as_of_end`": lambda case: case.at > case.as_of_end,
    "after `as_of`": lambda case: case.at > case.as_of,
    "not after `as_of`": lambda case: case.at <= case.as_of,
    "before `as_of`": lambda case: case.at < case.as_of,
    "between": lambda case: case.as_of <= case.at <= case.as_of_end,
    "the only second of the row": lambda case: case.as_of == case.at == case.as_of_end,
}


def tables():
    """The lines of each table: what the row, the snapshot and its time are, and the decision."""
    for text in PAGE.read_text(encoding="utf-8").split(HEADER)[1:]:
        lines = itertools.takewhile(lambda line: line.startswith("|"), text.split("\n"))
        yield [tuple(re.split(r" *\| *", line.strip("| "))) for line in lines]


def cases():
    """Every combination that the tables tell apart."""
    flags = (True, False)
    for row_deleted, (as_of, end), snapshot_deleted, same, cut in itertools.product(
        flags, ((100, 100), (100, 110)), flags, flags, flags
    ):
        for at, row_created, created in itertools.product((90, 100, 105, 110, 120), (0, 95), (0, 105, 115)):
            # Of the same content is what was created at the same time.
            if not same or created == row_created:
                yield Case(
                    row_deleted=row_deleted,
                    as_of=as_of,
                    as_of_end=end,
                    snapshot_deleted=snapshot_deleted,
                    same=same,
                    cut=cut,
                    row_created=row_created,
                    created=created,
                    at=at,
                )


def seconds(value):
    return START + datetime.timedelta(seconds=value)


def epoch(value):
    return int(seconds(value).timestamp())


def content(object_type, *, created, cut):
    data = build_object(object_type, id="x", created=epoch(created))
    if cut and isinstance(data.get("items"), dict):
        data["items"] = {**data["items"], "has_more": True}
    return data


def decision(object_type, model, case):
    data = content(object_type, created=case.row_created, cut=case.cut and case.same)
    row = model(
        id="x",
        stripe_id="x",
        stripe_data=data,
        as_of=seconds(case.as_of),
        as_of_end=seconds(case.as_of_end),
        deleted_at=seconds(case.as_of) if case.row_deleted else None,
    )
    other = {**content(object_type, created=case.created, cut=case.cut), "metadata": {"changed": "yes"}}
    snapshot = Snapshot(
        data=data if case.same else other,
        as_of=seconds(case.at),
        as_of_end=seconds(case.at),
        deleted=case.snapshot_deleted,
    )
    return decide(MIRRORED[object_type], row, snapshot).value


@pytest.mark.parametrize(("number", "object_type", "model"), [(0, "subscription", Subscription), (1, "coupon", Coupon)])
def test_decide_decides_as_the_table_of_the_page_says(number, object_type, model):
    lines = list(tables())[number]
    used = set()
    for case in cases():
        if case.cut and model is Coupon:
            continue  # A coupon has no lists.
        row, snapshot, time, expected = line = next(
            line for line in lines if ROWS[line[0]](case) and SNAPSHOTS[line[1]](case) and TIMES[line[2]](case)
        )
        used.add(line)
        assert decision(object_type, model, case) == expected, (case, row, snapshot, time)
    assert used == set(lines)


def test_the_page_has_a_table_for_ids_of_stripes_and_one_for_chosen_ids():
    assert len(list(tables())) == 2
