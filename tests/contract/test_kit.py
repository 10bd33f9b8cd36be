"""The test kit builds every type of object and event."""

import json

import pytest

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import OBJECT_TYPES, object_type
from pinax.stripe.testing import build_event, build_object

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


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_carries_an_object_of_its_type(name):
    event = build_event(name)
    carried = event["data"]["object"]
    assert event["type"] == name
    assert carried["object"] in EVENT_TYPES[name].object_types or name == "ping"
    row = object_type(carried["object"])
    assert ("id" in carried) == (row.has_id and name not in row.previewed_by)
    assert row.lacks.isdisjoint(carried)
