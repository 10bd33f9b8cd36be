"""Every column of a mirrored table holds what the oracle says, for every place from which it is read."""

import re

import pytest
from django.db import models

from pinax.stripe.catalogue.objects import ROWS_BY_NAME
from pinax.stripe.models import MirroredObject
from pinax.stripe.testing import build_event

from ..catalogue.sdk import NEWEST, names_of_attributes
from .columns import COLUMNS
from .oracle import Wrong, check_values, column_values, common_values, rounds, sample
from .specimen import telling_types
from .tables import MODELS, PARTS, model_of

COMMON = {column.name for column in MirroredObject._meta.get_fields()}
#: Columns of attributes that only versions have that are gone.
GONE = {
    "charge": {"invoice_id"},
    # What they do not name themselves.
    "entitlements.active_entitlement": {"customer_id"},
    "product_feature": {"product_id"},
    "invoiceitem": {"plan_id"},
    "line_item": {"plan_id"},
    "payment_intent": {"invoice_id"},
    "plan": {"name"},
}
each_table = pytest.mark.parametrize("name", sorted({*MODELS, *PARTS}))


def own_columns(name):
    """The names of a model's columns but for those that every mirrored row has, and those that Stripe does not fill."""
    parts = [row.part for row in ROWS_BY_NAME.values() if row.part and row.part.object_type == name]
    of_lists = {f"{part.owner}_id" for part in parts} | ({"position"} if parts else set())
    return {
        column.attname
        for column in model_of(name)._meta.concrete_fields
        if column.name not in COMMON
        and type(column) not in (models.DateTimeField, models.ForeignKey)
        and getattr(column, "is_filled", True)
    } - of_lists


@each_table
def test_the_oracle_knows_every_column(name):
    assert COLUMNS[name].keys() == own_columns(name)


def test_the_oracle_knows_no_other_table():
    assert COLUMNS.keys() == {*MODELS, *PARTS}


@NEWEST
@each_table
def test_a_column_is_an_attribute_of_the_sdk(name):
    """So places are held against something that neither the readers nor the oracle are made of."""
    known = names_of_attributes(name)
    unknown = {
        column
        for column, spec in COLUMNS[name].items()
        if not any(re.split(r"[.\[]", place.rpartition(" ")[2])[0].strip("{}") in known for place in spec.places)
    }
    assert unknown == GONE.get(name, set())


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name in sorted(MODELS) for number in rounds(COLUMNS[name])]
)
def test_a_value_at_each_place_of_a_column_is_read(specimen, name, number):
    one = specimen(name, account="acct_1")
    data = sample_of(one, number)
    tell(one, data)
    check_values(one.row, common_values(data, one.account_of_row, livemode=False))
    check_values(one.row, column_values(COLUMNS[name], data, one.account_of_row))
    part = one.type.part
    for position, entry in enumerate(entries_of(part, data) if part else []):
        row = model_of(part.object_type).objects.get(stripe_id=entry["id"])
        check_values(row, column_values(COLUMNS[part.object_type], entry, one.account_of_row))
        check_values(row, {f"{part.owner}_id": one.key, **({"position": position} if part.is_positioned else {})})


def sample_of(one, number):
    """An object with a value at each place of its columns, and of those of one part."""
    name, part = one.type.name, one.type.part
    data = {**one.fields, "object": name, **sample(COLUMNS[name], number), **one.type.naming(one.id)}
    if part is not None:
        nothing = [{}] if part.is_array else {"object": "list", "has_more": False, "data": [{}]}
        data[part.attribute] = data.get(part.attribute) or nothing
        if not part.is_array:
            data[part.attribute] = {**nothing, **data[part.attribute]}
        entries = entries_of(part, data)
        entries[0] |= {"id": f"{part.object_type}_1", "object": part.object_type}
        entries[0] |= {**sample(COLUMNS[part.object_type], number), **entries[0]}
    return data


def tell(one, data):
    """Deliver an event that carries this object."""
    event = build_event(
        telling_types(one.type.name)[0], data, created=one.stripe.now, account="acct_1", api_version="2015-01-01"
    )
    one.stripe.add_event(event, account="acct_1")
    one.deliver(event)
    one.data = data


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_attribute_that_is_absent_leaves_its_column_and_one_that_is_null_clears_it(specimen, name):
    """API versions differ in what objects have, and a shape that cannot express a fact says nothing of it."""
    one = specimen(name, account="acct_1")
    data, part = sample_of(one, 0), one.type.part
    identity = {
        **one.type.naming(one.id),
        "object": data["object"],
        **{parent: data[parent] for parent in one.type.parents},
    }
    tell(one, data)
    one.stripe.advance(1)
    bare = {part.attribute: bare_list(part, data)} if part else {}
    tell(one, {**identity, **bare})
    assert one.row.version == 2
    check_values(one.row, column_values(COLUMNS[name], data, one.account_of_row))
    check_values(one.row, {"metadata": data.get("metadata") or {}})
    for entry in entries_of(part, data) if part else []:
        row = model_of(part.object_type).objects.get(stripe_id=entry["id"])
        check_values(row, column_values(COLUMNS[part.object_type], entry, one.account_of_row))
    one.stripe.advance(1)
    nothing = {**dict.fromkeys(data), **identity}
    tell(one, nothing)
    check_values(one.row, column_values(COLUMNS[name], nothing, one.account_of_row))


def entries_of(part, data):
    """The parts that an object shows."""
    return data[part.attribute] if part.is_array else data[part.attribute]["data"]


def bare_list(part, data):
    """A list whose entries say nothing but which objects they are."""
    bare = [{"id": entry["id"], "object": entry["object"]} for entry in entries_of(part, data)]
    return bare if part.is_array else {**data[part.attribute], "data": bare}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_object_that_says_nothing_has_empty_columns(specimen, name):
    one = specimen(name)
    data = {"object": name, **one.type.naming(one.id)}
    event = build_event(telling_types(name)[0], data, created=one.stripe.now)
    one.stripe.add_event(event)
    one.deliver(event)
    one.data = data
    check_values(one.row, common_values(data, one.account_of_row, livemode=False))
    check_values(one.row, column_values(COLUMNS[name], data, one.account_of_row))


@each_table
def test_a_column_that_holds_anything_else_is_found(name):
    """The oracle checks every single column: with any of them wrong, it says so, and which."""
    expected = column_values(COLUMNS[name], sample(COLUMNS[name], 0), "")
    row = model_of(name)(id="x", **expected)
    check_values(row, expected)
    for column in expected:
        for wrong in (None, "", "something else", 7, True):
            if (type(wrong), wrong) == (type(expected[column]), expected[column]):
                continue
            setattr(row, column, wrong)
            with pytest.raises(Wrong, match=rf"x\.{column} is"):
                check_values(row, expected)
        setattr(row, column, expected[column])
