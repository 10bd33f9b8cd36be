"""What no row may say."""

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import call_command

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import Customer, MirroredObject

from .oracle import put
from .specimen import Specimen
from .tables import places_of_references

#: Types of objects that may name a customer, but for what is sold.
ABOUT_CUSTOMERS = {name for name, row in OBJECT_TYPES.items() if row.customer and not row.is_for_sale}
#: What an object may say of a person, at any depth.
PERSON = {"name": "Pers-On", "email": "pers-on@example.com", "phone": "Pers-On", "address": {"line1": "Pers-On"}}


def text_of(row: MirroredObject) -> str:
    """All that a row says, as text."""
    return json.dumps({column.name: getattr(row, column.attname) for column in row._meta.concrete_fields}, default=str)


def secretive(names: Iterable[str]) -> dict[str, Any]:
    """Secrets in the open, in a hash, in a list, and in a whole object of every type that has any."""
    secrets = {name: f"kept-secret {name}" for name in names}
    others = [
        {"object": name, "id": f"{name}_1", **{secret: f"kept-secret {name}.{secret}" for secret in row.secrets}}
        for name, row in OBJECT_TYPES.items()
    ]
    return {**secrets, "confirmation": {"deeper": secrets}, "entries": [secrets, {"data": [secrets]}], "others": others}


def keeps_no_secret(one: Specimen) -> None:
    """The row has nothing that the table calls a secret of the object, or of any object in it."""
    secrets = OBJECT_TYPES[one.build(1)["object"]].secrets
    one.deliver(one.emit(1, **secretive(secrets)))
    assert one.change == 1
    assert "kept-secret" not in text_of(one.row)
    one.check()


def naming(specimen: Callable[..., Specimen], name: str, customer: str) -> dict[str, Any]:
    """What names a customer in an object: a reference, one to another object that does, or what the table says."""
    places = places_of_references(name)
    owner = next((each for each in places if "customer" in places_of_references(each) and "." not in places[each]), "")
    found: dict[str, Any] = {}
    if "customer" in places:
        put(found, places["customer"].split("."), customer)
    elif owner:
        one = specimen(owner, customer=customer)
        one.deliver(one.emit(1))
        put(found, places[owner].split("."), one.id)
    else:
        put(found, OBJECT_TYPES[name].customer[0].split("."), customer)
    return found


def redaction_leaves_nothing_of_a_person(specimen: Callable[..., Specimen], name: str) -> None:
    """Redacting a customer takes what is personal out of the row of an object that names it, and leaves the row."""
    who = specimen("customer")
    who.deliver(who.emit(1))
    one = who if name == "customer" else specimen(name, **naming(specimen, name, who.id))
    one.deliver(one.emit(2, **PERSON, nested={"deeper": [{"billing_details": PERSON}]}))
    assert "pers-on" in text_of(one.row).lower()
    call_command("stripe_redact", "--customer", who.id, stdout=io.StringIO())
    assert "pers-on" not in text_of(one.row).lower()
    assert one.change == 2
    assert Customer.all_objects.count() == 1
