"""No mirrored row keeps a secret, and redaction leaves nothing of a person in any."""

import io
import json

import pytest
from django.core.management import call_command

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import Customer
from pinax.stripe.upkeep.personal_data import CATALOGUE

from .oracle import put
from .tables import MODELS, model_of, places_of_references

each_type = pytest.mark.parametrize("name", sorted(MODELS))


def text_of(row):
    """All that a row says, as text."""
    return json.dumps({column.name: getattr(row, column.attname) for column in row._meta.concrete_fields}, default=str)


def secretive(names):
    """Secrets in the open, in a hash, in a list, and in a whole object of every type that has any."""
    secrets = {name: f"kept-secret {name}" for name in names}
    others = [
        {"object": name, "id": f"{name}_1", **{secret: f"kept-secret {name}.{secret}" for secret in row.secrets}}
        for name, row in OBJECT_TYPES.items()
    ]
    return {**secrets, "confirmation": {"deeper": secrets}, "entries": [secrets, {"data": [secrets]}], "others": others}


@each_type
def test_no_secret_is_kept(specimen, name):
    one = specimen(name)
    one.deliver(one.emit(1, **secretive(OBJECT_TYPES[name].secrets)))
    assert one.change == 1
    assert "kept-secret" not in text_of(one.row)
    one.check()


@pytest.mark.parametrize("name", sorted(name for name in MODELS if OBJECT_TYPES[name].part))
def test_no_secret_of_a_part_is_kept(specimen, name):
    one = specimen(name)
    part = one.type.part
    entry = {"id": f"{part.object_type}_1", "object": part.object_type}
    one.deliver(one.emit(1, **{part.attribute: [{**entry, **secretive(OBJECT_TYPES[part.object_type].secrets)}]}))
    assert "kept-secret" not in text_of(one.row)
    assert "kept-secret" not in text_of(model_of(part.object_type).objects.get())


#: What an object may say of a person, at any depth.
PERSON = {"name": "Pers-On", "email": "pers-on@example.com", "phone": "Pers-On", "address": {"line1": "Pers-On"}}


def naming(name, customer, specimen):
    """What names a customer in an object: a reference, one to another object that does, or what the table says."""
    places = places_of_references(name)
    owner = next((each for each in places if "customer" in places_of_references(each) and "." not in places[each]), "")
    found = {}
    if "customer" in places:
        put(found, places["customer"].split("."), customer)
    elif owner:
        one = specimen(owner, customer=customer)
        one.deliver(one.emit(1))
        put(found, places[owner].split("."), one.id)
    else:
        put(found, OBJECT_TYPES[name].customer[0].split("."), customer)
    return found


@pytest.mark.parametrize("name", sorted(name for name in MODELS.keys() - CATALOGUE if OBJECT_TYPES[name].customer))
def test_redaction_leaves_nothing_of_a_person(specimen, name):
    who = specimen("customer")
    who.deliver(who.emit(1))
    one = who if name == "customer" else specimen(name, **naming(name, who.id, specimen))
    one.deliver(one.emit(2, **PERSON, nested={"deeper": [{"billing_details": PERSON}]}))
    assert "pers-on" in text_of(one.row).lower()
    call_command("stripe_redact", "--customer", who.id, stdout=io.StringIO())
    assert "pers-on" not in text_of(one.row).lower()
    assert one.change == 2
    assert Customer.all_objects.count() == 1
