"""One object has the same columns in every API version that can express them, and loses none to a version that cannot.

A FakeStripe renders it in each version; the table of object types says which versions tell of which column.
"""

import itertools

import pytest

from pinax.stripe.catalogue.objects import ROWS_BY_NAME
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import FakeStripe, build_object
from pinax.stripe.testing.fake_stripe.versions import MOVED_ATTRIBUTES

from .columns import COLUMNS
from .oracle import sample
from .specimen import deleting_types
from .tables import MODELS, PARTS, model_of

OLD, MIDDLE, NEW = "2015-10-16", "2020-08-27", "2026-10-28.endive"
#: The first version of each breaking change, and the oldest one.
VERSIONS = sorted({OLD, NEW, *(moved.since for moved in MOVED_ATTRIBUTES)})


def discounts(number):
    """A whole discount, as the versions show it that had but one."""
    source = {"coupon": f"C{number}", "type": "coupon"}
    return [build_object("discount", id=f"di_{number}", source=source, start=number)]


def items(number):
    """The only item of a subscription, of which older versions say the period, the plan and the quantity above it."""
    bounds = {"current_period_start": 1_600_000_000 + number, "current_period_end": 1_700_000_000 + number}
    price, plan = (build_object(kind, id=f"{kind}_{number}", product="prod_1") for kind in ("price", "plan"))
    return [build_object("subscription_item", id="si_1", **bounds, price=price, plan=plan, quantity=number)]


#: Values that are more than a word of their own, from which the older shapes are made: a function of a number.
SHAPED = {
    "coupon": lambda number: {"percent_off": number + 0.5},
    "invoice": lambda number: {
        **{"status": ("open", "paid")[number % 2], "attempted": True, "discounts": discounts(number)},
        **{"charge": f"ch_{number}", "payment_intent": f"pi_{number}"},
        # One that was paid was closed.
        "auto_advance": False,
    },
    "payment_intent": lambda number: {"status": "processing"},
    "subscription": lambda number: {"discounts": discounts(number), "items": items(number)},
}
#: What the values above are shown as, and what an answer has only when it is asked for: no event tells of that.
LEFT_OUT = {
    "coupon": {"percent_off_precise"},
    "invoice": {"payments", "discount"},
    "subscription": {"discount", "plan", "quantity", "current_period_start", "current_period_end"},
}


def facts(name, number=0):
    """An object of today with a value in each of its columns, another one for each number; also what is told no more.

    Numbers are even: the places of the columns are the newest ones.
    """
    fields = sample({column: spec.newest for column, spec in COLUMNS[name].items()}, number)
    shaped = SHAPED[name](number + 1) if name in SHAPED else {}
    return {key: value for key, value in (fields | shaped).items() if key not in LEFT_OUT.get(name, ())}


def name_of(model, attname):
    """The name of a column by that of its attribute: `invoice` for `invoice_id`."""
    return next(column.name for column in model._meta.concrete_fields if column.attname == attname)


@pytest.mark.parametrize("name", sorted({*MODELS, *PARTS}))
def test_the_table_says_which_versions_tell_of_which_column(name):
    model, told = model_of(name), ROWS_BY_NAME[name].told
    with FakeStripe() as stripe:
        data = build_object(name, **facts(name))
        shown = {version: stripe.rendered(data, api_version=version) for version in VERSIONS}
    untold = {
        (name_of(model, attname), version)
        for version, each in shown.items()
        for attname in READERS[model].untold(each) & COLUMNS[name].keys()
        if each.get("id")
    }
    never = {column for column, _ in untold if all((column, version) in untold for version in VERSIONS)}
    expected = {(column, version) for column in told for version in VERSIONS if not told[column].is_in(version)}
    assert {(column, version) for column, version in untold if column not in never} == expected
    assert not never & told.keys()


def columns_of_row(row, name, account, versions):
    """What the columns of a row hold that each of these versions tells of, without the account in front of keys."""
    told, model = ROWS_BY_NAME[name].told, model_of(name)
    values = {}
    for attname in COLUMNS[name]:
        column = name_of(model, attname)
        if column not in told or all(told[column].is_in(version) for version in versions):
            value = getattr(row, attname)
            values[attname] = value.replace(f"{account}/", "").replace(account, "own") if type(value) is str else value
    return values


def told_columns(one, versions):
    """The columns of an object's row, and those of the rows of its parts."""
    part, account = one.type.part, one.account
    own = columns_of_row(one.row, one.type.name, account, versions)
    if part is None:
        return own, []
    rows = model_of(part.object_type).objects.filter(**{part.owner: one.key}).order_by("pk")
    return own, [columns_of_row(row, part.object_type, account, versions) for row in rows]


def life_in(specimen, name, version):
    """An object of an account that has a version; the same one for each."""
    row, account = ROWS_BY_NAME[name], f"acct_{version[:4]}"
    owners = {owner: f"{owner}_1" for owner in row.parents if owner not in row.unnamed and not row.account_named_in}
    one = specimen(name, account=account, id=account if name == "account" else f"{name}_1", **owners)
    if name == "payment_intent":
        one.fields["latest_charge"] = "ch_1"
        one.stripe.create("charge", id="ch_1", payment_intent=one.id, account=account, silent=True)
    return one


def with_part(name, number):
    """What an object has in each column, and one part that has the same."""
    part, fields = ROWS_BY_NAME[name].part, facts(name, number)
    if part is None or part.read_with or part.is_read_always or name == "subscription":
        return fields
    entry = build_object(part.object_type, id=f"{part.object_type}_1", **facts(part.object_type, number))
    return {**fields, part.attribute: [entry]}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_life_that_is_told_in_three_versions_leaves_the_same_columns(specimen, name):
    """Created, changed and, where there is such an event, deleted."""
    lives = {version: life_in(specimen, name, version) for version in (OLD, MIDDLE, NEW)}
    for number in (0, 2):
        for version, one in lives.items():
            one.stripe.api_version = version
            one.deliver(one.emit(number, **with_part(name, number) | one.fields))
        for one_version, other_version in itertools.combinations(lives, 2):
            both = (one_version, other_version)
            if name == "discount" and OLD in both:
                continue  # It had no id, so it has no row.
            columns, other_columns = (told_columns(lives[version], both) for version in both)
            assert columns == other_columns
            assert columns[0]
    for one in lives.values():
        for event_type in deleting_types(name)[:1]:
            one.deliver(one.delete(event_type))
            assert (one.row.is_deleted, one.change) == (True, 2)


#: Type, a version that tells of a column of it, and one that does not.
PAIRS = sorted(
    {
        (name, teller, silent)
        for name in MODELS
        for each in ROWS_BY_NAME[name].told.values()
        for teller, silent in itertools.permutations([OLD, MIDDLE, NEW], 2)
        if each.is_in(teller) and not each.is_in(silent)
    }
)


@pytest.mark.parametrize(("name", "teller", "silent"), PAIRS)
def test_a_version_that_cannot_express_a_fact_leaves_its_column(specimen, name, teller, silent):
    told = ROWS_BY_NAME[name].told
    kept = [column for column in told if told[column].is_in(teller) and not told[column].is_in(silent)]

    def held():
        row = one.row
        return {column: getattr(row, row._meta.get_field(column).attname) for column in kept}

    one = specimen(name, account="acct_1")
    one.stripe.api_version = teller
    one.deliver(one.emit(1, **facts(name) | one.fields))
    before = held()
    assert None not in before.values()
    assert "" not in before.values()
    one.stripe.api_version = silent
    one.deliver(one.emit(2, **facts(name, 2) | one.fields))
    assert (one.change, held()) == (2, before)


def test_every_type_with_such_columns_is_told_to_both():
    assert {name for name, _, _ in PAIRS} == {name for name in MODELS if ROWS_BY_NAME[name].told}
