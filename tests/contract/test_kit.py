"""The test kit builds every type of object and event."""

import json

import pytest

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import OBJECT_TYPES, object_type
from pinax.stripe.sync.readers import HISTORY
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_event, build_object
from pinax.stripe.testing.builders.columns import NULL
from pinax.stripe.testing.builders.objects import BUILDERS

from .tables import MODELS, model_of

#: Columns that are read by more than a place in the JSON.
HISTORY_COLUMNS = {name: {*HISTORY.get(model_of(name), {}), "charge_id", "payment_intent_id"} for name in MODELS}
COMMON = {"created", "livemode", "metadata"}


@pytest.mark.parametrize("name", sorted(OBJECT_TYPES))
def test_an_object_has_what_every_object_of_its_type_has(name):
    row = OBJECT_TYPES[name]
    data = build_object(name)
    assert data["object"] == name
    assert ("id" in data) == row.has_id
    assert row.lacks.isdisjoint(data)
    assert data.keys() >= COMMON - row.lacks
    if row.has_id and row.id_prefixes:
        assert data["id"].startswith(row.id_prefixes)
    if row.created:
        assert isinstance(data[row.created], int)
    assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_type_without_a_builder_is_built_from_its_columns(monkeypatch, name):
    monkeypatch.delitem(BUILDERS, name, raising=False)
    values = READERS[model_of(name)](build_object(name))
    without_history = {attname: value for attname, value in values.items() if attname not in HISTORY_COLUMNS[name]}
    empty = {attname for attname, value in without_history.items() if value in (None, "")}
    assert empty == NULL & without_history.keys()


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_carries_an_object_of_its_type(name):
    event = build_event(name)
    carried = event["data"]["object"]
    assert event["type"] == name
    assert carried["object"] in EVENT_TYPES[name].object_types or name == "ping"
    row = object_type(carried["object"])
    assert ("id" in carried) == (row.has_id and name not in row.previewed_by)
    assert row.lacks.isdisjoint(carried)
