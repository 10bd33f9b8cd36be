"""Holds what is on record against what Stripe has, and watches that no row ever goes back."""

import math
from collections import Counter
from typing import Any

from pinax.stripe.models import Event, EventProcessingException, MirroredObject, mirror_key
from pinax.stripe.sync.mirror import News, Origin, child_rows, read
from pinax.stripe.sync.registry import MIRRORED, Mirrored

from .shop import receivers
from .shop.models import Effect, Tally
from .world import CHOSEN, RETURNING, World, number_of

Data = dict[str, Any]

#: What has events that move a charge, of which no event tells.
MOVING_CHARGES = ("dispute", "refund")


class Wrong(AssertionError):
    """A promise was broken."""


def check_converged(world: World) -> None:
    """Every mirrored row equals Stripe's object; there is no other row."""
    for kind, mirrored in MIRRORED.items():
        expected = {
            mirror_key(stripe_id, account): (account, data)
            for (account, stripe_id), data in world.stripe._objects.items()
            if data["object"] == kind
        }
        rows = {row.pk: row for row in mirrored.model.all_objects.all()}
        if rows.keys() != expected.keys():
            raise Wrong(f"{kind}: rows {sorted(rows)}, objects {sorted(expected)}")
        for key, (account, data) in expected.items():
            check_row(world, mirrored, rows[key], account, data)


def check_row(world: World, mirrored: Mirrored, row: MirroredObject, account: str, data: Data) -> None:
    """One row, with its parts."""
    if row.is_deleted != (data.get("deleted") is True):
        raise Wrong(f"{row.pk}: deleted is {row.is_deleted}, at Stripe {data.get('deleted') is True}")
    if row.is_deleted:
        return
    origin = Origin(as_of=row.as_of, account=account, livemode=False)
    shown = world.stripe.rendered(data, account=account)
    data = world.stripe.rendered(data, account=account, whole=True)
    lists = {name: data[name]["data"] for name in mirrored.lists if (shown.get(name) or {}).get("has_more")}
    compare(row, read(mirrored.model, mirrored.fields, shown, origin, lists))
    children = mirrored.children
    if children is None:
        return
    news = News(data=data, as_of=row.as_of, as_of_end=row.as_of_end)
    parts = child_rows(children, row.pk, data[children.name]["data"], news, origin)
    found = {part.pk: part for part in children.model.objects.filter(**{children.parent: row.pk})}
    if found.keys() != parts.keys():
        raise Wrong(f"{row.pk}: parts {sorted(found)}, at Stripe {sorted(parts)}")
    for key, part in parts.items():
        skipped = {"as_of", "as_of_end", "synced_at", "version"}
        names = [column.attname for column in children.model._meta.concrete_fields if column.name not in skipped]
        compare(found[key], {name: getattr(part, name) for name in names})


def compare(row: MirroredObject, expected: Data) -> None:
    for name, value in expected.items():
        if getattr(row, name) != value:
            raise Wrong(f"{row.pk}.{name} is {getattr(row, name)!r}, at Stripe {value!r}")


def check_once(world: World) -> None:
    """Every event is on record once, done, and every receiver ran once for it."""
    events = {event["id"]: event["type"] for event in world.stripe.events}
    done = Counter(Event.objects.filter(valid=True, processed=True).values_list("stripe_id", flat=True))
    if done != Counter(list(events)):
        raise Wrong(f"on record and done: {done}; at Stripe: {sorted(events)}")
    if Event.objects.exclude(valid=True).exists():
        raise Wrong(f"left over: {list(Event.objects.exclude(valid=True).values_list('stripe_id', 'reason'))}")
    # While Stripe is away fetches fail, which is told; nothing else may.
    failures = EventProcessingException.objects.exclude(message__startswith="TemporaryStripeError")
    if failures.exists():
        raise Wrong(f"failed: {failures.first().traceback}")
    check_receivers(events)


def check_receivers(events: dict[str, str]) -> None:
    """Every receiver ran once for each event, given as id and type."""
    too_often, not_at_all = receiver_counts(events)
    if too_often or not_at_all:
        raise Wrong(f"too often: {too_often}; not at all: {not_at_all}")
    tallies = Counter(dict(Tally.objects.values_list("name", "count")))
    if tallies != Counter(events.values()):
        raise Wrong(f"tallies {tallies}")


def receiver_counts(events: dict[str, str]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Receivers and events for which they ran too often, and those for which they never ran."""
    wanted = Counter((name, event_id) for event_id in events for name in receivers.EVERY)
    wanted += Counter(("thank", event_id) for event_id, kind in events.items() if kind == "customer.created")
    effects = Counter(Effect.objects.values_list("receiver", "event_id"))
    return effects - wanted, wanted - effects


class Watch:
    """Remembers the newest state that each row had; a row that shows an older one later broke a promise."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.floors: dict[str, tuple[float, bool]] = {}

    def look(self, kind: str | None) -> None:
        """Look at the rows of a kind of object, and at their parts."""
        if kind in MOVING_CHARGES:
            self.look_at(MIRRORED["charge"].model, final=True)
        mirrored = MIRRORED.get(kind or "")
        if mirrored is None:
            return
        self.look_at(mirrored.model, final=kind not in CHOSEN | RETURNING)
        if mirrored.children is not None:
            self.look_at(mirrored.children.model, final=True)

    def look_at(self, model: type[MirroredObject], *, final: bool) -> None:
        for row in model.all_objects.all():
            floor = self.floors.get(row.pk, (0, False))
            state = self.state(row, final)
            if not row.is_deleted and state < floor:
                raise Wrong(f"{row.pk} went back from change {floor} to {state}")
            self.floors[row.pk] = max(floor, state)

    def state(self, row: MirroredObject, final: bool) -> tuple[float, bool]:
        """The number of the change that a row shows; of a tombstone, that of the last change before the end."""
        number = number_of(row.stripe_data)
        if not row.is_deleted:
            return number, False
        if final:
            return math.inf, True
        ends = self.world.ends.get((row.stripe_account, row.stripe_id), [])
        return min((end for end in ends if end >= number), default=math.inf), True
