"""Payloads from other people's projects, through the real view: PINAX_STRIPE_CORPUS names their folder."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from pinax.stripe.catalogue.objects import RENAMED, name_of
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


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def genuine(payload, number):
    """The payload as an event that Stripe knows: samples share one id, and test doubles have invented ones."""
    if not payload["id"].startswith("evt_") or payload["id"].endswith("_00000000000000"):
        payload = {**payload, "id": f"evt_{number:014d}x"}
    return payload


@pytest.mark.sampled
@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_payload_is_recorded_validated_processed_and_mirrored(client, fake_stripe, settings, path):
    payload = genuine(read(path), PAYLOADS.index(path))
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
    check_row(payload)
    check_mirror(payload)
    check_secrets()


def why_without_row(payload):
    """Why the object of an event has no row; "" for one that has."""
    data = payload["data"]["object"]
    if not name_of(data):
        return "has no id"
    if payload["type"] == "invoice.upcoming":
        return "is a preview"
    return ""


def type_of(data):
    """The type of an object: a card or a bank account that a connected account is paid to is one of its own."""
    name = RENAMED.get(data.get("object"), data.get("object"))
    if name == "transfer" and "date" in data:
        return "payout"  # Of the corpus, none from before 2017-04-06 goes to a connected account.
    of_account = name in ("bank_account", "card") and not data.get("customer") and data.get("account")
    return "external_account" if of_account else name


def rows_about(data):
    """The rows of an object, in the table of its type or in the general one."""
    name = type_of(data)
    if name in MIRRORED:
        return MIRRORED[name].model.all_objects.filter(stripe_id=name_of(data))
    return OtherObject.all_objects.filter(stripe_id=data["id"], object_type=name)


def check_row(payload):
    """Whatever has an id, or is the only one, has a row of its own, but for the few that have a reason."""
    data, reason = payload["data"]["object"], why_without_row(payload)
    if not reason:
        assert rows_about(data).count() == 1
    elif isinstance(data.get("id"), str):
        assert not rows_about(data).exists()


def test_what_has_no_row_is_told_by_type(figure):
    """The table at the end of the run says of which types, why, and how many."""
    payloads = [payload for payload in map(read, PAYLOADS) if payload.keys() >= REQUIRED]
    reasons = [(payload["data"]["object"].get("object"), why_without_row(payload)) for payload in payloads]
    for (name, reason), count in sorted(Counter(reasons).items(), key=lambda entry: (entry[0][1], entry[0][0] or "")):
        if reason:
            figure("corpus, events without a row", f"{name} {reason}", count)
    figure("corpus, events with a row", "objects of all types", sum(not reason for _, reason in reasons))


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
    name = type_of(data)
    # The oracle knows no types by former names.
    mirrored = None if data.get("object") in RENAMED else MIRRORED.get(name)
    if mirrored is None or not data.get("id") or payload["type"] == "invoice.upcoming":
        return
    row = mirrored.model.all_objects.get(stripe_id=data["id"])
    if payload["type"] == "payment_method.detached":
        data = {**data, "customer": None}
    account = mirrored.account_of(data, payload.get("account") or payload.get("user_id") or "")
    expected = column_values(COLUMNS[name], data, account)
    # Where older versions say something in other words, the oracle knows nothing; the readers' own tests do.
    check_values(row, {name: value for name, value in expected.items() if value not in (None, "")})
    check_values(row, {"stripe_data": without_secrets(data)})
    created = data.get(mirrored.object_type.created or "created", data.get("date"))
    assert row.created_at is None or row.created_at.timestamp() == created
    for name in ("amount", "currency", "email", "last4", "quantity"):
        if hasattr(row, name) and data.get(name) not in (None, "") and not isinstance(data[name], dict):
            assert getattr(row, name) == data[name]
    assert row.is_deleted == (payload["type"].endswith(".deleted") and payload["type"] not in NOT_DELETIONS)
