"""Takes what is about a person out of the mirror and out of events; ids, amounts, statuses and the ledger stay.

What belongs to a customer is found by following references, in the mirror and in the messages. Everything is done row
by row, each in a transaction of its own, and doing it again changes nothing: a run that was broken off is repeated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from ..models.events import Event, EventProcessingException, EventStep, database
from ..models.mirror import MirroredObject, SoftForeignKey, mirror_key
from ..sync.registry import MIRRORED, Fields
from ..sync.values import dig, identifier, mapping
from .scrubbing import scrub

#: Rows that are read at once.
BATCH = 500
#: Attributes that name what an object belongs to.
OWNERS = (
    "charge",
    "credit_note",
    "customer",
    "invoice",
    "latest_charge",
    "payment_intent",
    "payment_method",
    "setup_intent",
    "source",
    "source_transaction",
    "subscription",
)
#: Anything in a body that may be an id.
WORD = re.compile(rb"\w+")
REDACTED = "(redacted)"

#: Model -> primary keys.
Rows = dict[type[MirroredObject], set[str]]


@dataclass(kw_only=True)
class Subject:
    """Whose data goes: one customer's, or everything of a connected account if no customer is named."""

    customer: str = ""
    account: str = ""
    #: Whether metadata goes as well.
    own: bool = False
    #: Ids of the customer and of what belongs to it, as far as they are known.
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ids.add(self.customer or self.account)

    @property
    def key(self) -> str:
        """Primary key of the customer's row."""
        return mirror_key(self.customer, self.account)

    def scrub(self, value: Any) -> Any:
        return scrub(value, own=self.own)

    def owns(self, message: Any) -> bool:
        """Whether a message, snapshot or thin, is about the customer or something of theirs."""
        data = mapping(dig(message, "data", "object"))
        named = {identifier(data.get(name)) for name in OWNERS}
        named |= {identifier(data), identifier(dig(message, "related_object"))}
        # What a change took away, the customer of a detached payment method for one, it names as it was before.
        named |= {identifier(dig(message, "data", "previous_attributes", "customer"))}
        return not named.isdisjoint(self.ids)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was done with one row."""

    #: The table, or "event" and so on: what is counted together.
    what: str
    #: Primary key of the row.
    key: int | str
    #: "redacted", "emptied" (a refused POST), "left" (nobody knows yet whether it is genuine), "clean" (nothing to do).
    outcome: str


def mirrored_models() -> list[type[MirroredObject]]:
    return [model for model in apps.get_app_config("pinax_stripe").get_models() if issubclass(model, MirroredObject)]


def mirrored_rows(subject: Subject) -> Rows:
    """Keys of the mirrored rows to redact, by model; the ids of what they hold are noted in `subject`."""
    if not subject.customer:
        of_account = {
            model: set(model.all_objects.filter(stripe_account=subject.account).values_list("pk", flat=True))
            for model in mirrored_models()
        }
        return {model: keys for model, keys in of_account.items() if keys}
    note_objects_of_events(subject)
    found: Rows = {model: set() for model in mirrored_models()}
    todo = True
    while todo:
        todo = False
        for model, keys in found.items():
            for row in belonging(model, found, subject):
                if row.pk not in keys:
                    keys.add(row.pk)
                    subject.ids.add(row.stripe_id)
                    todo = True
    return {model: keys for model, keys in found.items() if keys}


def note_objects_of_events(subject: Subject) -> None:
    """Note the ids of what the customer's events are about: a detached card is found by nothing else."""
    events = Event.objects.genuine().filter(customer=subject.key).order_by()
    subject.ids.update(events.exclude(object_id="").values_list("object_id", flat=True).distinct())


def belonging(model: type[MirroredObject], found: Rows, subject: Subject) -> Iterator[MirroredObject]:
    """Rows of one model that are known by their id, or refer to a row that was found."""
    wanted: list[tuple[str, set[str]]] = [("stripe_id", subject.ids)]
    for column in model._meta.concrete_fields:
        if isinstance(column, SoftForeignKey):
            wanted.append((column.attname, found.get(column.related_model, set())))  # type: ignore[arg-type]
    for name, values in wanted:
        for part in parts_of(values):
            rows = model.all_objects.filter(**{f"{name}__in": part}, stripe_account=subject.account)
            yield from rows.only("pk", "stripe_id")


def parts_of(values: set[str]) -> Iterator[list[str]]:
    """A set in parts that fit into a query."""
    ordered = sorted(values)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def redact_mirror(subject: Subject, *, dry_run: bool = False) -> Iterator[Step]:
    """Redact the mirrored rows, one after the other."""
    for model, keys in mirrored_rows(subject).items():
        for key in sorted(keys):
            yield redact_row(model, key, subject, dry_run=dry_run)


def redact_row(model: type[MirroredObject], key: str, subject: Subject, *, dry_run: bool) -> Step:
    """Scrub a mirrored object, and read its columns from what is left of it."""
    name = str(model._meta.verbose_name)
    with transaction.atomic(using=database()):
        row = model.all_objects.select_for_update().filter(pk=key).first()
        values = scrubbed_columns(row, subject) if row is not None else {}
        if not values:
            return Step(what=name, key=key, outcome="clean")
        if not dry_run:
            assert row is not None
            # `as_of` stays: the row is still what Stripe had then, and older news must not overwrite it.
            model.all_objects.filter(pk=key).update(**values, version=row.version + 1, synced_at=timezone.now())
    return Step(what=name, key=key, outcome="redacted")


def scrubbed_columns(row: MirroredObject, subject: Subject) -> dict[str, Any]:
    """The columns of a row that change."""
    data = subject.scrub(row.stripe_data)
    references = {column.attname for column in row._meta.concrete_fields if isinstance(column, SoftForeignKey)}
    values = {
        **{name: value for name, value in readers()[type(row)](data).items() if name not in references},
        "metadata": mapping(data.get("metadata")),
        "stripe_data": data,
    }
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def readers() -> dict[type[MirroredObject], Fields]:
    """Model -> the function that reads its columns from Stripe's JSON."""
    parts = [mirrored.children for mirrored in MIRRORED.values() if mirrored.children is not None]
    return {mirrored.model: mirrored.fields for mirrored in MIRRORED.values()} | {
        part.model: part.fields for part in parts
    }


def events_by_index(subject: Subject) -> Iterator[int]:
    """Keys of events that the indexes find: those of the customer, and those about what belongs to it."""
    if not subject.customer:
        wanted = Q(stripe_account=subject.account) | Q(object_id=subject.account)
        yield from Event.objects.filter(wanted).order_by("pk").values_list("pk", flat=True).iterator()
        return
    seen: set[int] = set()
    for query in [Q(customer=subject.key), *(Q(object_id__in=part) for part in parts_of(subject.ids))]:
        for key in Event.objects.filter(query).order_by("pk").values_list("pk", flat=True).iterator():
            if key not in seen:
                seen.add(key)
                yield key


def events_by_body(subject: Subject, *, start: int = 0) -> Iterator[tuple[int, list[int]]]:
    """Go through all events from a key on: how far it got, and the keys of those whose body names an id of ours.

    Finds what no index does: a dispute names its charge, a refused POST may name anybody.
    """
    ids, customer = {name.encode() for name in subject.ids}, subject.customer.encode()
    chosen = b"" if WORD.fullmatch(customer) else customer
    last = start - 1
    while True:
        rows = list(Event.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "body")[:BATCH])
        if not rows:
            return
        last = rows[-1][0]
        yield last, [key for key, body in rows if names_one(bytes(body), ids, chosen)]


def names_one(body: bytes, ids: set[bytes], chosen: bytes) -> bool:
    """Whether a body has one of the ids in it; `chosen` is one that people made up of more than letters and digits."""
    return not ids.isdisjoint(WORD.findall(body)) or (bool(chosen) and chosen in body)


def last_event() -> int:
    """The highest key of an event; 0 without any."""
    return Event.objects.aggregate(Max("pk"))["pk__max"] or 0


def redact_event(key: int, subject: Subject, *, dry_run: bool = False) -> Step | None:
    """Redact one event if it is about the subject; None if it is not."""
    with transaction.atomic(using=database()):
        event = locked(key)
        if event is None or not concerns(event, subject):
            return None
        if event.valid is None and event.reason != "other_mode":
            # Redacted, it could not be held against Stripe's copy any more, and a genuine event would be lost.
            return Step(what="event", key=key, outcome="left")
        is_refused = event.valid is False
        values = emptied_event() if is_refused else redacted_event(event, subject)
        texts = redact_texts(event, dry_run=dry_run)
        if all(getattr(event, name) == value for name, value in values.items()) and not texts:
            return Step(what="event", key=key, outcome="clean")
        if not dry_run:
            Event.objects.filter(pk=key).update(**values, redacted_at=timezone.now())
    return Step(what="event", key=key, outcome="emptied" if is_refused else "redacted")


def locked(key: int) -> Event | None:
    event = Event.objects.select_for_update().filter(pk=key).first()
    if event is not None:
        event.body = bytes(event.body)
    return event


def concerns(event: Event, subject: Subject) -> bool:
    """Whether an event is about the subject; of a refused POST it is enough that it names it."""
    if not subject.customer:
        return event.stripe_account == subject.account or event.object_id == subject.account
    if event.valid is False:
        return True
    if event.stripe_account != subject.account:
        return False
    if event.customer_id == subject.key or event.object_id in subject.ids:
        return True
    return subject.owns(event.validated_message) or subject.owns(event.webhook_message)


#: Columns that say who sent a POST, and its exact bytes.
DELIVERY: dict[str, Any] = {"body": b"", "headers": {}, "remote_address": ""}


def redacted_event(event: Event, subject: Subject) -> dict[str, Any]:
    return {
        **DELIVERY,
        "webhook_message": subject.scrub(event.webhook_message),
        "validated_message": subject.scrub(event.validated_message),
        "difference": [{"path": mapping(entry).get("path", "")} for entry in event.difference],
    }


def emptied_event() -> dict[str, Any]:
    """A refused POST is of no use to anybody, so nothing of it stays but that it came."""
    return {**DELIVERY, "webhook_message": None, "validated_message": None, "difference": []}


def redact_texts(event: Event, *, dry_run: bool) -> bool:
    """Take what receivers and handlers said when they raised, and addresses, from an event; whether there was any."""
    exceptions = event.exceptions.exclude(traceback=REDACTED)
    steps = EventStep.objects.filter(event=event, kind=EventStep.Kind.DELIVERY).exclude(data={})
    found = exceptions.exists() or steps.exists()
    if not dry_run:
        for exception in exceptions:
            redact_exception(exception)
        steps.update(data={})
    return found


def redact_exception(exception: EventProcessingException) -> None:
    """Keep the kind of an error; its text and its traceback may quote the event."""
    kind = exception.message.partition(":")[0]
    exception.message = f"{kind}: {REDACTED}" if kind.isidentifier() else REDACTED
    exception.traceback = REDACTED
    exception.save(update_fields=["message", "traceback"])
