"""Payloads from other people's projects, through the real view: PINAX_STRIPE_CORPUS names their folder."""

import json
import os
import re
from pathlib import Path

import pytest

from pinax.stripe.models import Event, EventProcessingException, OtherObject
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.testing import post_event

from .contract.columns import COLUMNS
from .contract.oracle import check_values, column_values, without_secrets

CORPUS = os.environ.get("PINAX_STRIPE_CORPUS", "")
PAYLOADS = sorted(Path(CORPUS).glob("*/*.json")) if CORPUS else []
REQUIRED = {"id", "type", "created", "livemode"}

pytestmark = [
    pytest.mark.skipif(not PAYLOADS, reason="PINAX_STRIPE_CORPUS names no folder with payloads"),
    pytest.mark.django_db,
]


def genuine(payload, number):
    """The payload as an event that Stripe knows: samples share one id, and test doubles have invented ones."""
    if not payload["id"].startswith("evt_") or payload["id"].endswith("_00000000000000"):
        payload = {**payload, "id": f"evt_{number:014d}x"}
    return payload


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_payload_is_recorded_validated_processed_and_mirrored(client, fake_stripe, settings, path):
    payload = genuine(json.loads(path.read_text()), PAYLOADS.index(path))
    if not payload.keys() >= REQUIRED:
        # Stripe always sends these; a test double without them is no event.
        assert post_event(client, payload).status_code == 400
        assert Event.objects.get().reason == "not_an_event"
        return
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_fake" if payload["livemode"] else "sk_test_fake"
    account = payload.get("account") or payload.get("user_id") or ""
    fake_stripe.add_event(payload, account=account)
    response = post_event(client, payload)
    event = Event.objects.get()
    assert (response.status_code, event.reason, event.explanation) == (200, "", "")
    assert (event.valid, event.processed, event.message["data"]) == (True, True, payload["data"])
    assert not EventProcessingException.objects.exists()
    check_mirror(payload)
    check_secrets()


#: Attributes that no row may keep, written down apart from the code.
SECRET_NAMES = {"account_number", "client_secret", "cvc", "secret", "signing_secret"}
#: Event types that leave their objects there: a canceled subscription stays, and Stripe has no type `transfer.deleted`.
NOT_DELETIONS = {"customer.subscription.deleted", "transfer.deleted"}
#: Objects whose address shows a document to every reader of it.
WITH_SECRET_ADDRESS = {"file_link", "identity.verification_session"}


def check_secrets():
    """No row of any mirrored table has a secret in its JSON."""
    for model in {mirrored.model for mirrored in MIRRORED.values()} | {OtherObject}:
        for row in model.all_objects.all():
            assert list(secrets_in(row.stripe_data)) == [], row


def secrets_in(value, path="$"):
    """Where a JSON value has secrets."""
    if isinstance(value, list):
        for entry in value:
            yield from secrets_in(entry, f"{path}[]")
    elif isinstance(value, dict):
        names = SECRET_NAMES | ({"number"} if "exp_month" in value else set())
        names |= {"url"} if value.get("object") in WITH_SECRET_ADDRESS else set()
        yield from (f"{path}.{name}" for name in names & value.keys())
        for name, entry in value.items():
            if name != "metadata":
                yield from secrets_in(entry, f"{path}.{name}")
    elif isinstance(value, str) and re.search(r"_secret_\w", value):
        yield path


def check_mirror(payload):
    """The object has a row that says the same, if it is one of those that are mirrored."""
    data = payload["data"]["object"]
    mirrored = MIRRORED.get(data.get("object", ""))
    if mirrored is None or not data.get("id") or payload["type"] == "invoice.upcoming":
        return
    if mirrored.object_type.is_customer_owned and (not data.get("customer") or "external_account" in payload["type"]):
        return  # What accounts are paid out to, not what customers pay with.
    row = mirrored.model.all_objects.get(stripe_id=data["id"])
    if payload["type"] == "payment_method.detached":
        data = {**data, "customer": None}
    account = payload.get("account") or payload.get("user_id") or ""
    expected = column_values(COLUMNS[data["object"]], data, account)
    # Where older versions say something in other words, the oracle knows nothing; the readers' own tests do.
    check_values(row, {name: value for name, value in expected.items() if value not in (None, "")})
    check_values(row, {"stripe_data": without_secrets(data)})
    created = data.get(mirrored.object_type.created or "created", data.get("date"))
    assert row.created_at is None or row.created_at.timestamp() == created
    for name in ("amount", "currency", "email", "last4", "quantity"):
        if hasattr(row, name) and data.get(name) not in (None, "") and not isinstance(data[name], dict):
            assert getattr(row, name) == data[name]
    assert row.is_deleted == (payload["type"].endswith(".deleted") and payload["type"] not in NOT_DELETIONS)
