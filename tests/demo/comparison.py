"""Holds every mirrored row against what Stripe's API says of the object now."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pinax.stripe import api
from pinax.stripe.exceptions import StripeError
from pinax.stripe.models import Event
from pinax.stripe.models.mirror import mirror_key
from pinax.stripe.stripe_values import items
from pinax.stripe.sync.fetching import complete_lists
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.sync.snapshots import lists_of
from pinax.stripe.sync.storable import storable_object, with_whole_lists
from pinax.stripe.webhooks.comparison import FRESH_LINKS, difference


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One row, held against the API."""

    table: str
    key: str
    status: str = ""
    is_deleted: bool = False
    #: The object as the API has it; None if it has none.
    data: dict | None = None
    #: What the row says otherwise, each as a sentence.
    problems: list[str] = field(default_factory=list)
    #: Differences that do not count, in a word.
    excused: str = ""


def compare_mirror() -> list[Compared]:
    """Every row of every mirrored table, and every row that should be there and is not."""
    return [*rows(), *missing()]


def rows() -> Iterator[Compared]:
    for mirrored in MIRRORED.values():
        for row in mirrored.model.all_objects.order_by("pk"):
            data = current(mirrored, row)
            yield Compared(
                table=mirrored.model.__name__,
                key=row.pk,
                status=getattr(row, "status", ""),
                is_deleted=row.is_deleted,
                data=data,
                problems=list(row_problems(mirrored, row, data)),
            )
            if mirrored.part is not None and data is not None and not data.get("deleted"):
                yield from child_rows(mirrored, row, data)


def current(mirrored, row) -> dict | None:
    """What the API has under a row's id: the object, the stub of a deleted one, or nothing."""
    try:
        return api.retrieve(mirrored.path(row.stripe_data), account=row.stripe_account).data
    except StripeError as error:
        # A stand-in's 404 need not have the form of Stripe's; for the pipeline that would say nothing.
        if error.status != 404:
            raise
        return None


def row_problems(mirrored, row, data: dict | None) -> Iterator[str]:
    gone = data is None or data.get("deleted") is True
    if gone != row.is_deleted:
        yield "is gone at Stripe, but not here" if gone else "is gone here, but not at Stripe"
    if gone or row.is_deleted:
        return
    yield from differences(row.stripe_data, storable_object(data))
    whole = with_whole_lists(data, lists_of(complete_lists(data, row.stripe_account).get(row.pk)))
    for name, value in mirrored.read(storable_object(whole)).items():
        if name.rpartition(".")[2] not in FRESH_LINKS and not is_value(row, name, value):
            yield f"column {name} is {getattr(row, name)!r}, not {value!r}"


def is_value(row, name: str, value: object) -> bool:
    """Whether a column has a value; references have the connected account in front."""
    if isinstance(value, str) and name.endswith("_id"):
        value = mirror_key(value, row.stripe_account)
    return getattr(row, name) == value


def differences(ours: dict, theirs: dict) -> Iterator[str]:
    """Where two objects differ, but for links that Stripe may make anew for each answer."""
    for entry in difference(ours, theirs, path=str(theirs.get("object"))):
        if entry["path"].rpartition(".")[2] not in FRESH_LINKS:
            yield f"{entry['path']} is {entry['posted']!r}, not {entry['stripe']!r}"


def child_rows(mirrored, parent, data: dict) -> Iterator[Compared]:
    """The parts of an object, against its list."""
    part, account = mirrored.part, parent.stripe_account
    whole = with_whole_lists(data, lists_of(complete_lists(data, account).get(parent.pk)))
    entries = items(whole.get(part.attribute)) or []
    theirs = {part.key(entry, parent.pk, account): storable_object(entry) for entry in entries}
    ours = {row.pk: row.stripe_data for row in part.model.objects.filter(**{part.owner: parent.pk})}
    for key in sorted(theirs.keys() | ours.keys()):
        if key not in ours or key not in theirs:
            problems = ["is missing here" if key not in ours else f"is no part of {parent.pk} at Stripe"]
        else:
            problems = list(differences(ours[key], theirs[key]))
        table = part.model.__name__
        yield Compared(table=table, key=key, data=theirs.get(key), problems=problems)


def missing() -> Iterator[Compared]:
    """Objects that a genuine event was about, and that have no row."""
    told = Event.objects.genuine().filter(object_type__in=MIRRORED).exclude(object_id="")
    for kind, stripe_id, account in sorted(set(told.values_list("object_type", "object_id", "stripe_account"))):
        key, model = mirror_key(stripe_id, account), MIRRORED[kind].model
        if not model.all_objects.filter(pk=key).exists():
            yield Compared(table=model.__name__, key=key, problems=["is missing here"])
