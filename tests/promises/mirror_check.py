"""Holds what is on record against what Stripe has, and watches that no row ever goes back."""

import math
from collections import Counter
from typing import Any

from django.db.models import QuerySet

from pinax.stripe.catalogue.objects import EXTERNAL_ACCOUNT, ROWS_BY_NAME, Part
from pinax.stripe.models import Event, EventProcessingException, MirroredObject
from pinax.stripe.testing.fake_stripe.reads import PLATFORM

from ..contract.oracle import Wrong, check_values, column_values, common_values, name_of
from ..contract.tables import MODELS, columns_of, model_of
from .shop import receivers
from .shop.models import Effect, Tally
from .world import CHOSEN, GENERAL, RETURNING, World, number_of

Data = dict[str, Any]

#: What has events that move a charge, of which no event tells.
MOVING_CHARGES = ("dispute", "refund")


#: What others show whole although the stand-in has no such object.
SHOWN = ("coupon", "plan", "price", "product")
ENTITLEMENT = "entitlements.active_entitlement"
#: What an object shows whole although none of its events tells of changes of that.
SHOWN_WITHIN = {"promotion_code": "coupon"}


def check_converged(world: World) -> None:
    """Every mirrored row equals Stripe's object; there is no other row."""
    for kind in (*MODELS, *GENERAL):
        expected = {
            key_of(kind, name_of(data), owner_of(account, data)): (account, data)
            for (account, _), data in world.stripe._objects.items()
            if kind_of(data) == kind
        }
        rows = {row.pk: row for row in rows_of(kind) if row.pk in expected or not is_left(kind, row)}
        if rows.keys() != expected.keys():
            raise Wrong(f"{kind}: rows {sorted(rows)}, objects {sorted(expected)}")
        for key, (account, data) in expected.items():
            check_row(world, rows[key], account, data)


def kind_of(data: Data) -> str:
    """The kind of an object. What accounts are paid to is told by its id, which a stub has, too."""
    is_external = str(data.get("id")).startswith(EXTERNAL_ACCOUNT.name)
    return EXTERNAL_ACCOUNT.name if is_external else data.get("object", "")


def is_left(kind: str, row: MirroredObject) -> bool:
    """Whether a row may be there without an object at Stripe: one that others show, or that was revoked."""
    return kind in SHOWN or (kind == ENTITLEMENT and row.is_deleted)


def key_of(kind: str, stripe_id: str, account: str) -> str:
    """The key of a row."""
    name = f"{kind}:{stripe_id}" if kind in GENERAL else stripe_id
    return f"{account}/{name}" if account and account != stripe_id else name


def owner_of(account: str, data: Data) -> str:
    """The account whose row it is: what is below an account belongs to that, also if the platform is told of it."""
    named_in = ROWS_BY_NAME[kind_of(data)].account_named_in
    # The stub of a deleted one does not name it.
    return data.get(named_in) or account or PLATFORM if named_in else account


def rows_of(kind: str) -> QuerySet[MirroredObject]:
    """The rows of a kind, deleted ones included."""
    rows = model_of(kind).all_objects.all()
    return rows.filter(object_type=kind) if kind in GENERAL else rows


def check_row(world: World, row: MirroredObject, account: str, data: Data) -> None:
    """One row, with its parts."""
    if row.is_deleted != (data.get("deleted") is True):
        raise Wrong(f"{row.pk}: deleted is {row.is_deleted}, at Stripe {data.get('deleted') is True}")
    if row.is_deleted:
        return
    told = {name: value for name, value in data.items() if name not in ROWS_BY_NAME[kind_of(data)].unsent}
    shown = world.stripe.rendered(told, account=account)
    whole = world.stripe.rendered(data, account=account, whole=True)
    owner = owner_of(account, data)
    # The customer of an entitlement is that of the summary that it came with.
    unnamed = ROWS_BY_NAME[kind_of(data)].unnamed if kind_of(data) != ENTITLEMENT else frozenset()
    told_of = {name for name in unnamed if name in shown}
    shown = {name: value for name, value in shown.items() if name not in told_of}
    check_values(row, common_values(as_told(world, row, account, shown), owner, livemode=False))
    # Stripe shows the first ten entries of a list; the columns are those of all.
    check_values(row, column_values(columns_of(kind_of(data)), whole, owner))
    part = ROWS_BY_NAME[kind_of(data)].part
    entries = None if part is None else parts_at_stripe(world, part, account, whole)
    if part is not None and entries is not None:
        check_parts(row, part, entries, account)


def parts_at_stripe(world: World, part: Part, account: str, whole: Data) -> list[Data] | None:
    """The parts that an object has at Stripe; None while they need not be on record, because no event shows them."""
    if part.read_with and whole["status"] not in part.read_with:
        return None
    if part.attribute in whole:
        entries = whole[part.attribute]
        return entries if part.is_array else entries["data"]
    return world.of(part.object_type, account, **{part.owner: whole["id"]}) if part.newest else None


def as_told(world: World, row: MirroredObject, account: str, shown: Data) -> Data:
    """What an object shows, with what it shows within as an event told of that: today's state may never be told."""
    name = SHOWN_WITHIN.get(shown["object"], "")
    held = row.stripe_data.get(name)
    told = [event["data"]["object"] for event in world.stripe.events if event.get("account", "") == account]
    is_told = isinstance(held, dict) and any(held in (data, data.get(name)) for data in told)
    return {**shown, name: held} if is_told else shown


def check_parts(row: MirroredObject, part: Part, entries: list[Data], account: str) -> None:
    """The rows of an object's parts are the entries of its list, and in their order where that is kept."""
    # What an entry does not name at Stripe, a test's stand-in may have.
    unnamed = ROWS_BY_NAME[part.object_type].unnamed
    entries = [{name: value for name, value in entry.items() if name not in unnamed} for entry in entries]
    if part.is_array:
        expected = {f"{row.pk}/{position}": entry for position, entry in enumerate(entries)}
    else:
        expected = {key_of(part.object_type, entry["id"], account): entry for entry in entries}
    found = {each.pk: each for each in model_of(part.object_type).objects.filter(**{part.owner: row.pk})}
    if found.keys() != expected.keys():
        raise Wrong(f"{row.pk}: parts {sorted(found)}, at Stripe {sorted(expected)}")
    for position, (key, entry) in enumerate(expected.items()):
        if not part.is_array:
            check_values(found[key], common_values(entry, account, livemode=False))
        check_values(found[key], column_values(columns_of(part.object_type), entry, account))
        if part.is_positioned:
            check_values(found[key], {"position": position})


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
        self.floors: dict[tuple[type[MirroredObject], str], tuple[float, bool]] = {}

    def look(self, kind: str | None) -> None:
        """Look at the rows of a kind of object, and at their parts."""
        if kind in MOVING_CHARGES:
            self.look_at(rows_of("charge"), final=True)
        if kind not in (*MODELS, *GENERAL):
            return
        self.look_at(rows_of(kind), final=kind not in CHOSEN | RETURNING)
        part = ROWS_BY_NAME[kind].part
        # Those of an array have no ids: what has a place in it may be gone and another one come.
        if part is not None and not part.is_array:
            self.look_at(rows_of(part.object_type), final=True)

    def look_at(self, rows: QuerySet[MirroredObject], *, final: bool) -> None:
        for row in rows:
            floor = self.floors.get((type(row), row.pk), (0, False))
            state = self.state(row, final)
            if not row.is_deleted and state < floor:
                raise Wrong(f"{row.pk} went back from change {floor} to {state}")
            self.floors[type(row), row.pk] = max(floor, state)

    def state(self, row: MirroredObject, final: bool) -> tuple[float, bool]:
        """The number of the change that a row shows; of a tombstone, that of the last change before the end."""
        number = number_of(row.stripe_data)
        if not row.is_deleted:
            return number, False
        if final:
            return math.inf, True
        ends = self.world.ends.get((row.stripe_account, row.stripe_id), [])
        return min((end for end in ends if end >= number), default=math.inf), True
