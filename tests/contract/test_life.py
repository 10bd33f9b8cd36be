"""What every mirrored object has to do, whatever its type: one life for each row of the table of object types."""

import pytest

from pinax.stripe.catalogue.objects import ROWS_BY_NAME
from pinax.stripe.testing import build_object

from . import life
from .columns import COLUMNS
from .oracle import put
from .specimen import deleting_types, telling_types
from .tables import MODELS, model_of, places_of_references

#: Stripe shows them in their owners only, or below a parent that they do not name.
UNREADABLE = {"discount", "product_feature"}
each_type = pytest.mark.parametrize("name", sorted(MODELS))
PARTS = {name: ROWS_BY_NAME[name].part for name in sorted(MODELS) if ROWS_BY_NAME[name].part}
OWNERS = [name for name, part in PARTS.items() if not (part.read_with or part.is_read_always or part.is_array)]
#: Those with an array of parts that have no ids.
OWNERS_OF_ARRAYS = [name for name, part in PARTS.items() if part.is_array]
#: Those whose parts no event shows.
SILENT_OWNERS = [name for name, part in PARTS.items() if part.read_with]
#: Those whose parts no event shows, and can change.
EDITED_OWNERS = [name for name, part in PARTS.items() if part.is_read_always]
#: Objects that the events of others move, and how. Accounts of the v2 API have thin events, which carry no object.
MOVES = [
    (row, move)
    for row in ROWS_BY_NAME.values()
    for move in row.moved_by
    # An object that goes by the name of another has tests of its own.
    if move.by in ("", *ROWS_BY_NAME) and move.reference != "id"
]
#: Owner, the attribute with a list of whole objects, and their type: named after where they are read, or after itself.
EMBEDDED = [
    (owner, attribute, name)
    for owner in sorted(MODELS)
    for attribute in ROWS_BY_NAME[owner].embedded
    for name in sorted(MODELS)
    if attribute in (ROWS_BY_NAME[name].path.rpartition("/")[2], f"{name}s") and owner in places_of_references(name)
]


@each_type
def test_a_row_follows_its_object_whatever_the_order_of_events(specimen, name):
    life.changes_in_any_order(specimen(name))


@each_type
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
def test_two_changes_of_one_second_are_settled_by_one_read(specimen, name, order):
    one = specimen(name)
    assert one.is_readable or name in UNREADABLE
    life.two_changes_of_one_second(one, order)


@pytest.mark.parametrize(
    ("name", "event_type"), [(name, each) for name in sorted(MODELS) for each in telling_types(name)]
)
def test_every_type_of_event_that_carries_an_object_mirrors_it(specimen, name, event_type):
    life.one_event(specimen(name), event_type)


@pytest.mark.parametrize(
    ("name", "event_type"), [(name, each) for name in sorted(MODELS) for each in deleting_types(name)]
)
def test_a_deletion_leaves_a_tombstone_that_a_late_snapshot_does_not_bring_back(specimen, name, event_type):
    life.a_deletion(specimen(name), event_type)


@pytest.mark.parametrize("name", sorted(name for name in MODELS if not ROWS_BY_NAME[name].account_named_in))
def test_objects_of_accounts_have_the_account_in_their_keys(specimen, name):
    platforms = specimen(name)
    life.one_id_on_two_accounts(platforms, specimen(name, account="acct_1", id=platforms.id))
    assert platforms.row.pk == platforms.id


@pytest.mark.parametrize("name", sorted(name for name in MODELS if ROWS_BY_NAME[name].account_named_in == "account"))
def test_what_is_read_below_an_account_has_that_account_in_its_key(specimen, name):
    platforms, accounts = specimen(name), specimen(name, account="acct_1", id="same")
    other = specimen(name, account="acct_2", id="same")
    for number, one in enumerate((platforms, accounts, other), start=1):
        one.deliver(one.emit(number))
        assert (one.row.pk, one.row.stripe_account) == (f"{one.data['account']}/{one.id}", one.data["account"])
    assert (platforms.change, accounts.change, other.change) == (1, 2, 3)
    platforms.stripe.advance(2)
    platforms.deliver(platforms.stripe.emit(telling_types(name)[0], {**accounts.build(5), "account": "acct_1"}))
    assert (platforms.change, accounts.change, other.change) == (1, 5, 3)


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name in MODELS
        if places_of_references(name).get("customer") == "customer" and "customer" not in ROWS_BY_NAME[name].unnamed
    ),
)
def test_a_customer_that_is_an_account_is_read_when_an_object_names_it(specimen, name):
    """Stripe sends no events about such customers (https://docs.stripe.com/connect/accounts-v2)."""
    owner = specimen("customer", customer_account="acct_9")
    owner.stripe.create("customer", silent=True, **owner.build(1))
    one = specimen(name, customer=owner.id, customer_account="acct_9")
    one.deliver(one.emit(2))
    assert (one.change, owner.change, one.reads()) == (2, 1, 1)


@pytest.mark.parametrize("name", OWNERS)
def test_parts_are_those_of_the_whole_list(specimen, name):
    one = specimen(name)
    part = one.type.part
    entries = [build_object(part.object_type, **{part.owner: one.id}) for _ in range(12)]

    def shown():
        rows = model_of(part.object_type).objects.filter(**{part.owner: one.key})
        return {row.stripe_id for row in rows}

    one.deliver(one.emit(1, **{part.attribute: entries}))
    assert (shown(), one.reads()) == ({entry["id"] for entry in entries}, 1)
    one.check()
    one.deliver(one.emit(2, **{part.attribute: entries[1:3]}))
    assert (shown(), one.reads()) == ({entry["id"] for entry in entries[1:3]}, 0)
    gone = model_of(part.object_type).all_objects.get(stripe_id=entries[0]["id"])
    assert gone.is_deleted


@pytest.mark.parametrize("name", OWNERS_OF_ARRAYS)
def test_parts_without_ids_are_those_of_the_array_by_their_places(specimen, name):
    one = specimen(name, account="acct_1")
    part = one.type.part
    rows = model_of(part.object_type).objects.filter(**{part.owner: one.key}).order_by("position")

    def shown():
        return [(row.pk, row.position, row.metadata["number"]) for row in rows.all()]

    def numbered(*numbers):
        return {part.attribute: [{"metadata": {"number": number}} for number in numbers]}

    one.deliver(one.emit(1, **numbered(1, 2, 3)))
    assert shown() == [(f"{one.key}/0", 0, 1), (f"{one.key}/1", 1, 2), (f"{one.key}/2", 2, 3)]
    old = one.emit(2, **numbered(7, 8, 9))
    one.deliver(one.emit(3, **numbered(2, 3)))
    one.deliver(old)
    assert shown() == [(f"{one.key}/0", 0, 2), (f"{one.key}/1", 1, 3)]
    assert one.reads() == 0


@pytest.mark.parametrize("name", SILENT_OWNERS)
def test_parts_that_no_event_shows_are_read_once(specimen, name):
    one = specimen(name)
    part = one.type.part
    status = {"status": min(part.final_statuses)} if part.final_statuses else {}
    entries = [build_object(part.object_type, **{part.owner: one.id}, **status) for _ in range(12)]
    fields = one.with_parts(*entries)
    one.deliver(one.emit(1, **fields))
    assert one.reads() == 1
    rows = model_of(part.object_type).objects.filter(**{part.owner: one.key})
    assert {row.stripe_id for row in rows} == {entry["id"] for entry in entries}
    # The reading makes the row no newer: they change no more, and what comes next needs no reading to be ordered.
    assert one.row.as_of == one.row.as_of_end
    one.check()
    one.deliver(one.emit(2, **fields))
    assert (one.change, one.reads(), rows.count()) == (2, 0, 12)


@pytest.mark.parametrize("name", EDITED_OWNERS)
def test_parts_that_no_event_shows_and_that_can_change_are_read_each_time(specimen, name):
    one = specimen(name)
    part = one.type.part
    entries = [build_object(part.object_type, **{part.owner: one.id}) for _ in range(12)]
    rows = model_of(part.object_type).objects.filter(**{part.owner: one.key}).order_by("position")
    first = one.emit(1, **one.with_parts(*entries))
    one.deliver(first)
    assert [row.stripe_id for row in rows.all()] == [entry["id"] for entry in entries]
    assert (one.reads_of_parts(), one.reads()) == (1, 0)
    one.check()
    one.deliver(one.emit(2, wait=30, **one.with_parts(entries[3], entries[1])))
    assert [row.stripe_id for row in rows.all()] == [entries[3]["id"], entries[1]["id"]]
    one.stripe.reset_requests()
    # What the list says now is newer than an event from before: that reads it, and changes nothing.
    one.deliver(first)
    assert (one.change, rows.count()) == (2, 2)


@pytest.mark.parametrize(("owner", "attribute", "name"), EMBEDDED)
def test_whole_objects_inside_another_are_mirrored_unless_their_rows_are_newer(specimen, owner, attribute, name):
    outer = specimen(owner)
    inner = specimen(name, **({"customer": outer.id} if ROWS_BY_NAME[name].is_customer_owned else {}))

    def embedding(change):
        inner.data = inner.build(change)
        entries = {"object": "list", "data": [inner.data], "has_more": False, "url": "/v1/x"}
        return outer.emit(change, **{attribute: entries})

    first, second = embedding(1), embedding(2)
    own = inner.emit(3)
    outer.deliver(first)
    assert inner.change == 1
    outer.deliver(second)
    assert inner.change == 2
    outer.deliver(own)
    late = embedding(4)
    outer.deliver(inner.emit(5), late)
    assert inner.change == 5
    inner.check()


@pytest.mark.parametrize(("owner", "attribute", "name"), EMBEDDED)
def test_embedded_lists_that_are_cut_are_read_whole(specimen, owner, attribute, name):
    outer = specimen(owner)
    place = places_of_references(name)[owner]
    inner = [specimen(name, **{place: outer.id}) for _ in range(12)]
    entries = [each.stripe.create(name, silent=True, **each.build(number)) for number, each in enumerate(inner)]
    outer.stripe.reset_requests()
    outer.deliver(outer.emit(1, **{attribute: {"object": "list", "data": entries, "has_more": False, "url": "/v1/x"}}))
    assert {each.change for each in inner} == set(range(12))
    assert outer.reads() == 1


def test_every_embedded_list_is_that_of_some_type():
    named = {(owner, attribute) for owner, attribute, _ in EMBEDDED}
    assert named == {(owner, attribute) for owner in MODELS for attribute in ROWS_BY_NAME[owner].embedded}


@pytest.mark.parametrize(
    ("row", "move"), MOVES, ids=lambda value: getattr(value, "name", None) or getattr(value, "by", "")
)
def test_an_object_that_anothers_event_moves_is_read_again(specimen, row, move):
    moved = specimen(row.name, **dict.fromkeys(move.settled, "something else"))
    naming = {move.when_set: "acct_9"} if move.when_set else {}
    if move.when_unset:
        naming[move.when_unset] = None
    if move.named_in:
        mover = specimen(move.by)
        column = model_of(row.name)._meta.get_field(move.named_in).attname
        put(moved.fields, COLUMNS[row.name][column].places[0].split("."), mover.id)
        moved.deliver(moved.emit(0))
        moved.stripe.update(moved.storage_key, silent=True, metadata={"change": "1"})
        moved.reads()
    else:
        moved.stripe.create(row.name, silent=True, **moved.build(1))
        put(naming, move.reference.split("."), moved.id)
        mover = specimen(move.by or "charge", **naming)
    event_type = sorted(move.event_types)[0] if move.event_types else ""
    mover.deliver(mover.emit(2, event_type))
    assert (moved.change, moved.reads()) == (1, 1)
    moved.stripe.advance(2)
    moved.stripe.update(moved.storage_key, silent=True, metadata={"change": "3"})
    mover.deliver(mover.emit(4, event_type))
    # Some rules are for objects only that have no row yet.
    assert (moved.change, moved.reads()) == ((1, 0) if move.only_missing else (3, 1))


def test_every_rule_but_those_of_thin_events_is_tested():
    rules = [move for row in ROWS_BY_NAME.values() for move in row.moved_by]
    assert {move.by for move in rules} - {move.by for _, move in MOVES} <= {"v2.core.account"}
