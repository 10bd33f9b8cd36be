"""After a redaction nothing personal is left in any table, and everything else is as it was."""

import json
import time
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db.models import AutoField, BooleanField, DateTimeField, ForeignKey, IntegerField, Model, QuerySet
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinax.stripe import models
from pinax.stripe.catalogue.objects import OBJECT_TYPES, TYPES_OF_CUSTOMERS
from pinax.stripe.models import (
    Backfill,
    BackfillPosition,
    CatchUp,
    Charge,
    Customer,
    DailyFigure,
    EntitlementState,
    Event,
    EventProcessingException,
    EventStep,
    Invoice,
    KeptAnswer,
    PassedEvent,
    PaymentMethod,
    PruningMark,
    ReceiverCall,
    SoftForeignKey,
    SweeperMark,
    TableReading,
    UserLink,
    Verification,
    mirror_key,
)
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from pinax.stripe.sync.registry import MIRRORED, READERS, types_mirrored_by
from pinax.stripe.testing import FakeStripe, build_event, build_object, post_event
from pinax.stripe.upkeep import redaction
from pinax.stripe.upkeep.redaction import mirrored_models
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.webhooks.processing import Outcome
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = ("name", "email", "phone", "street", "city", "note", "card", "cat", "address", "agent")


def redact(*args):
    out = StringIO()
    call_command("stripe_redact", *args, stdout=out)
    return out.getvalue()


def rows():
    """Every row of every table of the app."""
    for model in apps.get_app_config("pinax_stripe").get_models():
        manager = getattr(model, "all_objects", model._default_manager)
        for row in manager.values():
            yield model, row


def texts(value):
    """All strings in a value, those in JSON, in bytes with JSON and in keys included."""
    if isinstance(value, (bytes, memoryview)):
        try:
            value = json.loads(bytes(value))
        except ValueError:
            value = bytes(value).decode("utf-8", "replace")
    if isinstance(value, dict):
        for key, entry in value.items():
            yield str(key)
            yield from texts(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from texts(entry)
    elif value is not None:
        yield str(value)


def found(person):
    """Which of a person's strings are in the database."""
    everything = "\n".join(text for _model, row in rows() for text in texts(row))
    return {name for name, secret in person.items() if secret in everything}


def clear():
    for model in reversed(list(apps.get_app_config("pinax_stripe").get_models())):
        getattr(model, "all_objects", model._default_manager).all().delete()


class World:
    """A Stripe, and a project that hears of it; the lives in it are alike, but for the people."""

    def __init__(self, stripe):
        self.stripe = stripe
        self.stripe.now = int(time.time()) - 1000
        # A version in which a charge names its invoice.
        self.stripe.api_version = "2024-06-20"
        self.client = Client(REMOTE_ADDR="192.0.2.1")

    def post(self, event):
        return post_event(self.client, event)

    def create(self, *args, **fields):
        """A second for each, so that nothing has to be settled."""
        self.stripe.advance(1)
        return self.stripe.create(*args, **fields)

    def update(self, *args, **fields):
        self.stripe.advance(1)
        return self.stripe.update(*args, **fields)

    def post_new(self, already):
        for event in self.stripe.events[already:]:
            self.post(event)

    def live(self, person, number, account=None):
        """Everything that has people in it, from the first card to the dispute."""
        stripe, start = self.stripe, len(self.stripe.events)
        cus, made = f"cus_{number}abc", {"account": account}
        address = {"line1": person["street"], "city": person["city"], "country": "DE"}
        details = {"name": person["name"], "email": person["email"], "phone": person["phone"], "address": address}
        self.create(
            "customer", id=cus, description=person["note"], shipping={"name": person["name"]}, **details, **made
        )
        card = {"fingerprint": person["card"], "last4": "4242", "exp_year": 2031, "brand": "visa", "country": "DE"}
        pm = self.create("payment_method", customer=cus, type="card", card=card, billing_details=details, **made)["id"]
        source = self.create("source", customer=cus, type="card", owner=details, card={**card, "name": "x"}, **made)
        sub = self.create("subscription", customer=cus, **made)["id"]
        line = build_object("line_item", description=person["note"], amount=900)
        inv = self.create(
            "invoice", customer=cus, subscription=sub, customer_email=person["email"], customer_name=person["name"],
            customer_address=address, footer=person["note"], lines=[line], amount_due=900, **made,
        )["id"]  # fmt: skip
        charge = self.create(
            "charge", customer=cus, payment_method=pm, amount=900, invoice=inv, billing_details=details,
            receipt_email=person["email"], description=person["note"], receipt_url="https://x/" + person["name"],
            payment_method_details={"type": "card", "card": card}, **made,
        )["id"]  # fmt: skip
        self.create("refund", charge=charge, amount=100, instructions_email=person["email"], **made)
        evidence = {
            "customer_name": person["name"],
            "customer_purchase_ip": "203.0.113.9",
            "uncategorized": person["cat"],
        }
        self.create("dispute", charge=charge, amount=900, evidence=evidence, **made)
        self.create("reserve.hold", source_charge=charge, amount=900, description=person["cat"], **made)
        stripe.emit(
            "moon.landed", {"id": f"moon_{number}", "object": "moon", "customer": cus, "cat_name": person["cat"]}
        )
        self.update(cus, phone=person["phone"][::-1], **made)
        self.update(cus, phone=person["phone"], **made)
        stripe.advance(1)
        stripe.detach(pm, **made)
        stripe.delete(source["id"], **made)
        self.post_new(start)
        self.quarrel(person, cus, start)
        return cus

    def quarrel(self, person, cus, start):
        """What arrives besides: a duplicate, another rendering, a forgery, nonsense."""
        first, second = self.stripe.events[start : start + 2]
        self.post(first)
        other = {**second, "id": second["id"] + "x"}
        self.stripe.add_event(other, account=other.get("account"))
        rendered = {**other["data"]["object"], "user_agent": person["agent"]}
        self.post({**other, "api_version": "2015-10-16", "data": {"object": rendered}})
        self.post({**build_event("customer.updated", {"id": cus, "object": "customer", "name": person["name"]})})
        self.post(json.dumps({"nonsense": [cus, person["address"]]}))


def failing(event, **kwargs):
    if event.kind == "charge.succeeded":
        raise ValueError(f"cannot mail {event.object['receipt_email']} of {event.object['billing_details']['name']}")


@pytest.fixture
def receivers():
    """One that fails with people's data in its message, and one that counts."""
    heard = []

    def hear(event, **kwargs):
        heard.append(event.stripe_id)

    every_event.connect(failing)
    every_event.connect(hear, weak=False, dispatch_uid="hear")
    yield heard
    every_event.disconnect(failing)
    every_event.disconnect(dispatch_uid="hear")


def a_person(letter):
    return {name: f"{letter}{name}{letter}" + ("@example.com" if name == "email" else "") for name in SECRETS}


@pytest.fixture
def world(fake_stripe, receivers):
    return World(fake_stripe)


def snapshot(of):
    """Rows that name a person."""
    return {(model, row["id"]): row for model, row in rows() if any(of in text for text in texts(row))}


LETTERS = st.text(st.sampled_from("abcdeXYZäßŁ日本 '\"\\%_9"), min_size=1, max_size=8)
PEOPLE = st.fixed_dictionaries(
    {
        name: LETTERS.map(lambda text, name=name: f"Q{name}{text}J" + ("@x.de" if name == "email" else ""))
        for name in SECRETS
    }
)


@pytest.mark.slow
@given(person=PEOPLE)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_personal_is_left_in_any_table(receivers, person):
    with FakeStripe() as stripe, override_settings(**stripe.settings):
        clear()
        world = World(stripe)
        cus = world.live(person, 1)
        assert found(person) == set(SECRETS)
        redact("--customer", cus)
        assert found(person) == set()
        assert cus in {text for _model, row in rows() for text in texts(row)}


def test_ids_amounts_statuses_and_times_stay(world):
    cus = world.live(a_person("P"), 1)
    charge, invoice = Charge.objects.get(), Invoice.objects.get()
    line, refund = invoice.lines.get(), charge.refunds.get()
    before = {row.pk: (row.as_of, row.version) for row in (charge, invoice)}
    ledger = Event.objects.genuine().order_by("pk")
    columns = ("kind", "state", "stripe_id", "object_id", "processed_at", "created_at", "customer", "recorded_at")
    kinds = list(ledger.values_list(*columns))
    redact("--customer", cus)
    again = Charge.objects.get()
    assert_row(again, amount=900, status=charge.status, currency=charge.currency, paid=True)
    assert_row(again, customer_id=cus, invoice_id=invoice.pk, payment_method=charge.payment_method)
    assert_row(again, card_last4="", receipt_email="", description="", receipt_url="")
    assert again.as_of == before[charge.pk][0]
    assert again.version == before[charge.pk][1] + 1
    invoice.refresh_from_db(), line.refresh_from_db(), refund.refresh_from_db()
    assert (invoice.amount_due, invoice.subscription_id is None, line.amount, refund.amount) == (900, False, 900, 100)
    assert_row(line, description="", invoice_id=invoice.pk, position=0)
    customer = Customer.objects.get()
    assert_row(customer, name="", email="", phone="", description="")
    card = PaymentMethod.all_objects.get()
    assert_row(card, fingerprint="", last4="", exp_year=None, brand="visa")
    assert kinds == list(ledger.values_list(*columns))


def test_redaction_leaves_other_people_alone(world):
    other, mine = world.live(a_person("O"), 2), world.live(a_person("P"), 1)
    connected = world.live(a_person("C"), 1, account="acct_1")
    before = snapshot(other), snapshot(mirror_key(connected, "acct_1"))
    assert all(len(part) > 8 for part in before)
    redact("--customer", mine)
    assert found(a_person("P")) == set()
    assert found(a_person("O")) == set(SECRETS)
    assert before == (snapshot(other), snapshot(mirror_key(connected, "acct_1")))


def test_a_customer_of_a_connected_account(world):
    world.live(a_person("P"), 1)
    world.live(a_person("C"), 1, account="acct_1")
    redact("--customer", "cus_1abc", "--account", "acct_1")
    # Refused POSTs name no account, and are of no use: they are emptied with every customer that they name.
    assert found(a_person("P")) == set(SECRETS) - {"address"}
    assert Customer.objects.get(pk="acct_1/cus_1abc").email == ""
    assert Customer.objects.get(pk="cus_1abc").email != ""


def test_everything_of_a_connected_account(world):
    world.live(a_person("P"), 1)
    world.stripe.create("account", id="acct_1", email="owner@example.com", account="acct_1")
    for number in (1, 2):
        world.live(a_person("C"), number, account="acct_1")
    redact("--account", "acct_1")
    left = found(a_person("C"))
    assert left <= {"address", "cat", "name"}  # Unsigned POSTs that name no account prove nothing.
    assert found({"owner": "owner@example.com"}) == set()
    assert found(a_person("P")) == set(SECRETS)


def test_receivers_words_are_taken_back_and_the_kind_of_error_stays(world):
    cus = world.live(a_person("P"), 1)
    assert "PemailP" in EventProcessingException.objects.get().traceback
    redact("--customer", cus)
    exception = EventProcessingException.objects.get()
    assert (exception.message, exception.traceback) == ("ValueError: (redacted)", "(redacted)")


def test_what_comes_again_is_recognised_and_brings_nothing_back(world, receivers):
    cus = world.live(a_person("P"), 1)
    redact("--customer", cus)
    receivers.clear()
    calls = world.stripe.calls()
    done = list(Event.objects.filter(state="done").values_list("stripe_id", flat=True))
    number = Event.objects.count()
    for event in world.stripe.events:
        if event["id"] in done:
            assert world.post(event).status_code == 200
    assert (Event.objects.count(), receivers, world.stripe.calls()) == (number, [], calls)
    assert found(a_person("P")) == set()
    forged = {**world.stripe.events[0], "type": "customer.deleted"}
    assert world.post(forged).status_code == 400


def test_processing_a_redacted_event_again_brings_nothing_back(world, receivers):
    """Row and event were scrubbed alike, so there is nothing to settle with Stripe."""
    cus = world.live(a_person("P"), 1)
    redact("--customer", cus)
    calls = world.stripe.calls()
    for event in Event.objects.filter(state="done"):
        assert process_again(event.pk) is Outcome.DONE
    assert world.stripe.calls() == calls
    assert found(a_person("P")) == set()


def test_an_older_snapshot_that_comes_late_does_not_change_the_mirror(world):
    world.stripe.now = 1_800_000_000
    cus = world.stripe.create("customer", id="cus_1abc", email="PemailP")["id"]
    world.stripe.advance(10)
    world.stripe.update(cus, balance=5)
    late, newest = world.stripe.events
    world.post(newest)
    redact("--customer", cus)
    world.post(late)
    assert (Customer.objects.get().email, Customer.objects.get().balance) == ("", 5)
    assert found({"email": "PemailP"}) == {"email"}  # The late event itself is new on record ...
    redact("--customer", cus)
    assert found({"email": "PemailP"}) == set()  # ... and goes with the next run.


def test_what_has_to_be_settled_is_settled_with_what_stripe_has(world):
    """Two changes in one second, one of them processed again: the row is what Stripe says, so redact there first."""
    cus = world.stripe.create("customer", id="cus_1abc", email="PemailP", balance=1)["id"]
    world.stripe.update(cus, balance=2)
    world.post_new(0)
    redact("--customer", cus)
    world.stripe.update(cus, silent=True, email=None)
    process_again(Event.objects.get(kind="customer.created").pk)
    assert (Customer.objects.get().balance, Customer.objects.get().email) == (2, "")
    assert found({"email": "PemailP"}) == set()


def test_metadata_goes_only_if_asked_for(world):
    cus = world.stripe.create("customer", metadata={"cat": "PcatP"})["id"]
    world.post_new(0)
    assert "--metadata removes it" in redact("--customer", cus)
    assert Customer.objects.get().metadata == {"cat": "PcatP"}
    redact("--customer", cus, "--metadata")
    assert Customer.objects.get().metadata == {}
    assert found({"cat": "PcatP"}) == set()


def test_undecided_events_are_left_and_the_command_fails_for_it(world):
    cus = world.stripe.create("customer", name="PnameP")["id"]
    world.stripe.fail(times=None)
    world.post_new(0)
    world.stripe.clear_faults()
    with pytest.raises(CommandError, match="1 events were left alone"):
        redact("--customer", cus)
    call_command("stripe_process_events", stdout=StringIO())
    assert Event.objects.get().valid is True
    redact("--customer", cus)
    assert found({"name": "PnameP"}) == set()


def test_quick_leaves_out_what_no_index_finds(world):
    cus = world.live(a_person("P"), 1)
    redact("--customer", cus, "--quick")
    assert "cat" in found(a_person("P"))
    assert "email" not in found(a_person("P"))
    redact("--customer", cus)
    assert found(a_person("P")) == set()


def test_a_dry_run_counts_the_same_and_changes_nothing(world):
    cus = world.live(a_person("P"), 1)
    before = list(rows())
    tried = redact("--customer", cus, "--dry-run")
    assert list(rows()) == before
    done = redact("--customer", cus)
    assert tried.replace("Would redact", "Redacted").replace("Would empty", "Emptied") == done
    assert "1 customer" in done
    assert "Emptied 2 refused POSTs" in done


def test_a_second_run_has_nothing_to_do(world):
    cus = world.live(a_person("P"), 1)
    redact("--customer", cus)
    before = list(rows())
    assert "by kind of row: nothing." in redact("--customer", cus)
    assert list(rows()) == before


def test_a_run_that_was_broken_off_says_where_to_go_on(world, monkeypatch):
    monkeypatch.setattr(redaction, "KEY_BATCH", 5)
    cus = world.live(a_person("P"), 1)
    real, called = redaction.Subject.is_in, []

    def interrupted(*args):
        called.append(args)
        if len(called) == 12:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(redaction.Subject, "is_in", interrupted)
    with pytest.raises(CommandError, match="Go on with --start-at") as broken:
        redact("--customer", cus)
    redact("--customer", cus, "--start-at", str(broken.value).rstrip(".").rpartition(" ")[2])
    assert found(a_person("P")) == set()


def test_a_customer_whose_id_people_chose(world):
    cus = world.stripe.create("customer", id="jo@example.com", name="PnameP")["id"]
    world.post_new(0)
    world.post(json.dumps({"of": cus, "name": "PnameP"}))
    redact("--customer", cus)
    assert found({"name": "PnameP"}) == set()
    assert Customer.objects.get().pk == cus == Event.objects.filter(valid=True).get().message["data"]["object"]["id"]


def test_an_id_that_begins_like_the_customers_is_another(world):
    for number in ("1", "12"):
        world.post(json.dumps({"of": f"cus_{number}", "name": "PnameP"}))
    redact("--customer", "cus_1")
    assert [event.webhook_message is None for event in Event.objects.order_by("pk")] == [True, False]


def test_redaction_needs_a_customer_or_an_account():
    with pytest.raises(CommandError, match="Say whose data is removed"):
        redact()


def test_every_mirrored_table_can_be_read_again_from_what_is_left():
    assert set(READERS) == set(mirrored_models())
    assert all(issubclass(model, Model) for model in mirrored_models())
    assert models.Customer in READERS
    assert "invoice.paid" in WEBHOOK_SIGNALS


# A word planted in every text

PLANTED = "plAnted"
SOLD = {"product", "price", "plan", "coupon", "entitlements.feature", "product_feature"}
#: What redaction leaves on purpose, and what an object needs to be one of the customer's.
SPARED = {"id", "object", "customer", "metadata", "client_reference_id"}


def plant(value, name=""):
    """The same object with the word in every text but ids."""
    if isinstance(value, dict):
        if value.get("object") in SOLD:
            return value
        return {key: entry if key in SPARED else plant(entry, key) for key, entry in value.items()}
    if isinstance(value, list):
        return [plant(entry, name) for entry in value] or [f"{PLANTED} {name}"]
    if value is None or (isinstance(value, str) and not redaction.PERSONAL_ID.fullmatch(value)):
        return f"{PLANTED} {name}"
    return value


#: Attributes that Stripe's payment objects have for people and for what they paid with.
PAID_WITH = {
    "payment_method_details": {"multibanco": {"reference": "1"}, "oxxo": {"number": "1"}, "boleto": {"tax_id": "1"}},
    "last_payment_error": {"message": "declined", "decline_code": "lost_card", "network_transaction_id": "1"},
    "outcome": {"seller_message": "declined", "reason": "x"},
    "failure_message": "declined",
    "receipt_number": "1",
    "statement_descriptor": "x",
}


def dump():
    """All that the database holds, as text."""
    for model in apps.get_models():
        manager = getattr(model, "all_objects", model._default_manager)
        for row in manager.values():
            for name, value in row.items():
                yield from (f"{model._meta.label}.{name}: {text}" for text in texts(value))


def planted():
    return sorted(line[:200] for line in dump() if PLANTED.lower() in line.lower())


def post_planted(world, kind, data, *, type=None, previous=None, **fields):
    world.stripe.advance(1)
    event = build_event(type or f"{kind}.updated", data, created=world.stripe.now, previous_attributes=previous)
    world.stripe.add_event({**event, **fields})
    world.post(event)


#: Accounts, and what is read below them: no customer is named there, and they go with the account.
OF_ACCOUNTS = {row.name for row in OBJECT_TYPES.values() if row.account_named_in}
#: What says nothing about a customer, by what the table of object types says, is not theirs.
OF_CUSTOMERS = {"customer", "tax_id", *(MIRRORED.keys() & TYPES_OF_CUSTOMERS)}


@pytest.mark.parametrize("kind", sorted(OF_ACCOUNTS))
def test_no_text_of_an_account_is_left(world, kind):
    data = {**plant({**build_object(kind), **PAID_WITH}), "account": "acct_1"}
    data["id"] = "acct_1" if kind == "account" else "one"
    world.stripe.connected_accounts.add("acct_1")
    event = build_event(f"{kind}.updated", data, created=world.stripe.now, account="acct_1")
    world.stripe.add_event(event, account="acct_1")
    world.post(event)
    assert len(planted()) > 5
    redact("--account", "acct_1")
    assert planted() == []


@pytest.mark.sampled
@pytest.mark.parametrize("kind", sorted(OF_CUSTOMERS))
def test_no_text_of_any_object_is_left(world, kind):
    cus = world.create("customer", id="cus_1abc", silent=True)["id"]
    own = {"id": cus} if kind == "customer" else {"customer": cus}
    data = plant({**build_object(kind, **own), **PAID_WITH})
    post_planted(world, kind, data, type=f"customer.{kind}.updated" if kind in {"card", "bank_account"} else None)
    post_planted(world, "moon", {"object": "moon", "id": "moon_1", "orbits": data}, type="moon.landed")
    assert len(planted()) > 10
    redact("--customer", cus)
    assert planted() == []


#: How an event can name a customer: the object, and what it was before.
NAMING = [
    ({"object": "identity.verification_session", "id": "vs_1", "related_customer": "cus_1abc"}, None),
    ({"object": "financial_connections.account", "id": "fca_1", "account_holder": {"customer": "cus_1abc"}}, None),
    ({"object": "tax_id", "id": "txi_1", "owner": {"type": "customer", "customer": "cus_1abc"}}, None),
    ({"object": "payment_method", "id": "pm_1", "customer": None}, {"customer": "cus_1abc"}),
    ({"object": "checkout.session", "id": "cs_test_1", "payment_intent": "pi_1"}, None),
    ({"object": "dispute", "id": "dp_1", "charge": "ch_1"}, None),
    ({"object": "payment_method", "id": "pm_9", "customer": None}, None),
    ({"object": "moon", "id": "moon_1", "seen": [{"by": {"id": "cus_1abc"}}]}, None),
    ({"object": "review", "id": "prv_1", "session": {"payment": "pi_2"}}, None),
]


@pytest.mark.parametrize(("data", "previous"), NAMING, ids=lambda value: (value or {}).get("object", ""))
def test_whatever_names_the_customer_anywhere_is_found(world, data, previous):
    stripe = world.stripe
    world.create("customer", id="cus_1abc")
    world.create("charge", id="ch_1", customer="cus_1abc", payment_intent="pi_1", payment_method="pm_9")
    world.create("subscription", customer="cus_1abc", pending_setup_intent="seti_1", latest_invoice="in_1")
    world.create("invoice", id="in_1", customer="cus_1abc", payment_intent="pi_2")
    other = world.create("customer", id="cus_2", name="Otto")["id"]
    world.post_new(0)
    named = {**data, "name": PLANTED, "surprise": PLANTED}
    post_planted(world, data["object"], named, previous={**(previous or {}), "name": PLANTED})
    later = {**named, "customer": None}
    post_planted(world, data["object"], later)
    assert planted()
    redact("--customer", "cus_1abc")
    assert planted() == []
    assert Customer.objects.get(pk=other).name == "Otto"
    assert stripe.calls("/v1/payment_methods") == 0


def test_an_object_that_only_an_event_connects_with_the_customer_is_redacted_in_the_mirror_too(world):
    """A card that was detached before anything was paid with it."""
    world.create("payment_method", id="pm_1", customer="cus_1abc", silent=True)
    stripe = world.stripe
    stripe.detach("pm_1")
    world.post_new(0)
    assert PaymentMethod.objects.get().customer is None
    redact("--customer", "cus_1abc")
    assert (PaymentMethod.objects.get().last4, PaymentMethod.objects.get().billing_name) == ("", "")


def test_refused_posts_that_name_the_customer_or_their_address_are_emptied(world):
    world.create("customer", id="cus_1abc", email="Old@Example.com")
    world.update("cus_1abc", email="new@example.com")
    world.post_new(0)
    posts = [
        {"about": "cus_1abc", "x": PLANTED},
        {"to": "OLD@example.com", "x": PLANTED},
        {"to": ["<new@example.com>"], "x": PLANTED},
        {**build_event("customer.updated", {"id": "cus_1abc", "object": "customer"}), "id": f"evt_{PLANTED}"},
        {**build_event("x" + PLANTED, {"id": PLANTED, "object": PLANTED, "customer": "cus_1abc"})},
    ]
    for post in posts:
        world.post(json.dumps(post))
    world.post('{"escaped": "\\u0063us_1abc", "x": "' + PLANTED + '"}')
    world.post(f"cus_1abc is no JSON {PLANTED}")
    world.post({"elsewhere": "cus_3", "x": "stays"})
    refused = Event.objects.filter(valid=False)
    refused.filter(pk__lt=refused.latest("pk").pk).update(explanation=f"Stripe said {PLANTED}")
    assert "Emptied 7 refused POSTs" in redact("--customer", "cus_1abc")
    assert planted() == []
    assert [event.webhook_message for event in refused if event.webhook_message] == [
        {"elsewhere": "cus_3", "x": "stays"}
    ]


@pytest.mark.parametrize(
    "body",
    [
        "email=Jo%40example.com&x=1",
        "payload=%7B%22email%22%3A%22jo%5Cu0040example.com%22%7D",
        "to=jo%2540example.com",
        "about=cus%5F1abc",
        "id%3D%22cus_1abc%22",
        r'{"text": "first line\ncus_1abc"}',
        "<a>jo&#64;example.com</a>",
        r"b'jo\x40example.com'",
        '{"100%": "jo+cat\\u0040example.com"}',
    ],
)
def test_refused_posts_that_name_the_customer_in_escapes_are_emptied(world, body):
    world.create("customer", id="cus_1abc", email="jo@example.com")
    world.update("cus_1abc", email="jo+cat@example.com")
    world.post_new(0)
    world.post(body)
    world.post("email=joe%40example.com&x=stays&about=cus%5F12abc")
    assert "Emptied 1 refused" in redact("--customer", "cus_1abc")
    assert Event.objects.filter(valid=False).exclude(body=b"").count() == 1


def test_an_address_that_is_on_record_no_more_can_be_named(world):
    world.create("customer", id="cus_1abc")
    world.post_new(0)
    redact("--customer", "cus_1abc")
    world.post({"to": "jo@example.com"})
    assert "Emptied 1 refused" not in redact("--customer", "cus_1abc")
    assert "Emptied 1 refused" in redact("--customer", "cus_1abc", "--email", "Jo@Example.com")


def test_what_else_is_on_record_about_an_event_goes(world, django_user_model):
    """The timeline, the admin's log, what waits for a user, what differs."""
    world.create("customer", id="cus_1abc")
    world.create("customer", id="cus_2")
    world.post_new(0)
    event, other = Event.objects.order_by("pk")
    staff = django_user_model.objects.create_user("staff")
    exception = EventProcessingException.objects.create(event=event, data="mirror", message=PLANTED, traceback=PLANTED)
    EventStep.objects.create(event=event, kind="ignored", data={"receiver": "shop.paid", "reason": PLANTED})
    EventStep.objects.create(event=event, kind="validation", outcome="no_answer", data={"said": PLANTED})
    UserLink.objects.create(digest="1", customer_id="cus_1abc", user_key=PLANTED)
    for row in (event, exception, Customer.objects.get(pk="cus_1abc"), Customer.objects.get(pk="cus_2")):
        kind = ContentType.objects.get_for_model(type(row))
        what = "of another" if row.pk == "cus_2" else PLANTED
        LogEntry.objects.create(
            user=staff, content_type=kind, object_id=row.pk, object_repr=what, action_flag=2, change_message=what
        )
    path = f"data.object.metadata.{PLANTED}"
    Event.objects.filter(pk=event.pk).update(
        explanation=PLANTED, difference=[{"path": path, "posted": PLANTED}, {"path": "data.object.balance"}]
    )
    redact("--customer", "cus_1abc")
    assert planted() == []
    event.refresh_from_db()
    assert event.difference == [{"path": "data.object.metadata"}, {"path": "data.object.balance"}]
    assert EventStep.objects.get(kind="ignored").data == {"receiver": "shop.paid"}
    assert LogEntry.objects.filter(object_repr="of another").count() == 1
    assert LogEntry.objects.filter(object_repr="(redacted)", change_message="").count() == 3
    assert Event.objects.get(pk=other.pk).redacted_at is None


def test_what_is_named_by_the_account_that_the_customer_is_goes_too(world):
    world.create("customer", id="cus_1abc", customer_account="acct_9Z")
    world.create("invoice", id="in_1", customer=None, customer_account="acct_9Z", customer_name=PLANTED)
    world.post_new(0)
    quote = {"object": "quote", "id": "qt_1", "customer": None, "customer_account": "acct_9Z", "description": PLANTED}
    post_planted(world, "quote", quote)
    redact("--customer", "cus_1abc")
    assert planted() == []


@pytest.mark.parametrize("arguments", [[], ["--quick"]])
def test_mirrored_rows_that_name_only_the_account_are_found_without_their_events(world, arguments):
    world.create("customer", id="cus_1abc", customer_account="acct_9Z")
    world.create("invoice", id="in_1", customer=None, customer_account="acct_9Z", customer_name=PLANTED)
    world.create("invoice", id="in_2", customer="cus_2", on_behalf_of="acct_9Z", customer_name="Otto")
    world.create("invoice", id="in_3", customer=None, customer_account="acct_9Zz", customer_name="Otto")
    world.post_new(0)
    Event.objects.all().delete()
    redact("--customer", "cus_1abc", *arguments)
    assert planted() == []
    assert {row.pk for row in Invoice.objects.all() if row.stripe_data["customer_name"] == "Otto"} == {"in_2", "in_3"}


def test_answers_that_were_kept_after_a_redaction_go_with_the_next(world):
    world.create("customer", id="cus_1abc")
    world.post_new(0)
    redact("--customer", "cus_1abc")
    KeptAnswer.objects.create(event=Event.objects.get(), request="/v1/customers/cus_1abc", answer=PLANTED)
    redact("--customer", "cus_1abc")
    assert planted() == []


def test_redaction_of_an_account_removes_waiting_references_too(world):
    for account in ("acct_1", "acct_12"):
        UserLink.objects.create(digest=account, customer_id=f"{account}/cus_1abc", user_key=f"{PLANTED} {account}")
    redact("--account", "acct_1")
    assert planted() == [f"pinax_stripe.UserLink.user_key: {PLANTED} acct_12"]


def test_what_the_log_says_of_a_row_that_is_gone_goes_too(world, django_user_model):
    world.create("customer", id="cus_1abc", account="acct_1")
    world.post_new(0)
    Customer.all_objects.all().delete()
    kind, staff = ContentType.objects.get_for_model(Customer), django_user_model.objects.create_user("staff")
    logged = {"content_type": kind, "object_id": "acct_1/cus_1abc", "action_flag": 3}
    for arguments in (["--account", "acct_1"], ["--account", "acct_1", "--customer", "cus_1abc"]):
        LogEntry.objects.create(user=staff, object_repr=PLANTED, **logged)
        redact(*arguments)
        assert planted() == []


def test_an_unsigned_post_of_the_other_mode_is_emptied_like_a_refused_one(world):
    world.create("customer", id="cus_1abc")
    world.post_new(0)
    data = {"object": "customer", "id": "cus_1abc", PLANTED: 1}
    claim = build_event("customer.updated", data, livemode=True, api_version=PLANTED)
    assert world.post({**claim, "type": PLANTED}).json()["reason"] == "other_mode"
    assert "Emptied 1 refused" in redact("--customer", "cus_1abc")
    assert planted() == []


def test_a_dry_run_leaves_the_log_alone(world, django_user_model):
    world.create("customer", id="cus_1abc")
    world.post_new(0)
    kind = ContentType.objects.get_for_model(Customer)
    staff = django_user_model.objects.create_user("staff")
    LogEntry.objects.create(user=staff, content_type=kind, object_id="cus_1abc", object_repr="Jo", action_flag=2)
    redact("--customer", "cus_1abc", "--dry-run")
    assert LogEntry.objects.get().object_repr == "Jo"


# Memory, and connection pools


def test_long_bodies_are_read_one_by_one(world, monkeypatch):
    monkeypatch.setattr(redaction, "MAX_BYTES", 3000)
    read = []
    real = redaction.texts_of
    monkeypatch.setattr(redaction, "texts_of", lambda keys: read.append(len(keys)) or real(keys))
    world.create("customer", id="cus_1abc", silent=True)
    for size in (10, 10, 10, 5000, 10, 900, 900):
        world.post({"of": "cus_1abc", "x": size * "x"})
    assert "Emptied 7 refused" in redact("--customer", "cus_1abc")
    assert read == [3, 1, 2, 1]


def test_no_cursor_is_left_open_on_the_server(world, monkeypatch):
    """A pool that hands each transaction another connection would lose it."""

    def refuse(*args, **kwargs):
        raise AssertionError("iterator() opens a server-side cursor on PostgreSQL")

    cus = world.live(a_person("P"), 1)
    monkeypatch.setattr(QuerySet, "iterator", refuse)
    redact("--customer", cus)
    assert found(a_person("P")) == set()
    call_command("stripe_prune_events", "--older-than", "0", stdout=StringIO())


def test_every_type_that_belongs_to_a_customer_has_ids_that_can_be_recognised():
    for name in TYPES_OF_CUSTOMERS:
        for prefix in OBJECT_TYPES[name].id_prefixes:
            assert redaction.PERSONAL_ID.fullmatch(prefix + "1a")
    for word in ("card_present", "in_transit", "card_error", "cus_1", "prod_1", "il_", "pi_1_secret_x"):
        assert not redaction.PERSONAL_ID.fullmatch(word)


def owning_id(type_name):
    """An id of an object that the customer owns, or the customer's; of any type for ""."""
    if type_name == "customer":
        return "cus_1abc"
    return f"{OBJECT_TYPES[type_name or 'charge'].id_prefixes[0]}9Z"


def add_row(model, data, **columns):
    """A mirrored row of an object, made without an event."""
    values = {**READERS[model](data), **columns}
    model.all_objects.create(
        pk="x_1", stripe_id="x_1", stripe_data=data, as_of=timezone.now(), as_of_end=timezone.now(), **values
    )


#: Object type, where it names what it belongs to, and the type of that; a payment link is no customer's.
OWNER_PATHS = [
    (row.name, path, owner)
    for row in OBJECT_TYPES.values()
    if row.model
    for path, owner in {**dict.fromkeys(row.customer, "customer"), **row.owners}.items()
    if path != "id" and owner in {"", "customer"} | TYPES_OF_CUSTOMERS
]


@pytest.mark.sampled
@pytest.mark.parametrize(("name", "path", "owner"), OWNER_PATHS)
def test_an_object_that_names_something_of_the_customer_s_as_its_owner_is_found(world, name, path, owner):
    owned = {"invoice_settings": {"default_payment_method": owning_id(owner)}}
    world.create("customer", id="cus_1abc", **owned)
    world.post_new(0)
    data = owning_id(owner)
    for key in reversed(path.split(".")):
        data = {key: data}
    add_row(apps.get_model("pinax_stripe", OBJECT_TYPES[name].model), {"object": name, "name": PLANTED, **data})
    redact("--customer", "cus_1abc", "--quick")
    assert planted() == []


#: Each model, its references to what belongs to customers, and the type of that.
REFERENCES = [
    (model, column.name, row.name)
    for model in mirrored_models()
    for column in model._meta.concrete_fields
    if isinstance(column, SoftForeignKey)
    for row in OBJECT_TYPES.values()
    if row.model == column.related_model.__name__ and row.name in {*TYPES_OF_CUSTOMERS, "customer"}
]


@pytest.mark.sampled
@pytest.mark.parametrize(("model", "column", "owner"), REFERENCES)
def test_a_row_that_refers_to_something_of_the_customer_s_is_found(world, model, column, owner):
    owned = {"invoice_settings": {"default_payment_method": owning_id(owner)}}
    world.create("customer", id="cus_1abc", **owned)
    world.post_new(0)
    name = types_mirrored_by(model)[0].name
    data = {"object": name, "name": PLANTED, column: owning_id(owner)}
    add_row(model, data, **{f"{column}_id": owning_id(owner)})
    redact("--customer", "cus_1abc", "--quick")
    assert planted() == []


@pytest.mark.parametrize(
    "data",
    [
        {"object": "dispute", "charge": {"id": "ch_1Abc"}},
        {"object": "financial_connections.account", "account_holder": {"customer": "cus_1abc"}},
        {"object": "hologram", "anything": [{"deeper": "ch_1Abc"}]},
        {"object": "tax_id", "owner": {"customer": "cus_1abc"}},
        {"object": "transfer", "source_transaction": "ch_1Abc"},
    ],
    ids=lambda data: data["object"],
)
def test_what_has_no_table_of_its_own_is_found_by_whatever_it_names(world, data):
    world.create("customer", id="cus_1abc")
    world.create("charge", id="ch_1Abc", customer="cus_1abc")
    world.post_new(0)
    add_row(models.OtherObject, {**data, "name": PLANTED})
    redact("--customer", "cus_1abc")
    assert planted() == []


def test_an_object_of_several_customers_does_not_lead_from_one_to_the_others(world):
    for customer in ("cus_1abc", "cus_2abc"):
        world.create("customer", id=customer)
    world.create("invoice", id="in_2Abc", customer="cus_2abc", customer_name="Otto")
    world.post_new(0)
    add_row(models.OtherObject, {"object": "billing.alert", "title": PLANTED, "about": ["cus_1abc", "in_2Abc"]})
    redact("--customer", "cus_1abc")
    assert planted() == []
    assert Invoice.objects.get().stripe_data["customer_name"] == "Otto"


def test_an_account_goes_with_the_platform_s_own_row_of_it(world):
    add_row(models.OtherObject, {"object": "account", "name": PLANTED})
    models.OtherObject.objects.update(stripe_id="acct_1")
    redact("--account", "acct_1")
    assert planted() == []


def test_what_many_customers_have_to_do_with_leads_to_none_of_them():
    shared = {"account", "coupon", "customer", "issuing.card", "person", "price", "product", "promotion_code"}
    shared |= {"payout", "terminal.reader", "treasury.financial_account", "webhook_endpoint"}
    assert not shared & TYPES_OF_CUSTOMERS


def test_an_event_of_another_customer_does_not_lead_to_what_is_theirs(world):
    """It names the customer, so it is redacted; the other customer's invoices are not."""
    world.create("customer", id="cus_1abc")
    world.create("invoice", id="in_2", customer="cus_2abc", customer_name="Otto")
    world.post_new(0)
    data = {"object": "moon", "id": "moon_1", "customer": "cus_2abc", "invoice": "in_2", "friend": "cus_1abc"}
    post_planted(world, "moon", {**data, "name": PLANTED})
    redact("--customer", "cus_1abc")
    assert planted() == []
    assert Invoice.objects.get().stripe_data["customer_name"] == "Otto"


# What was said of events that do not name the customer


@pytest.fixture
def product_event(world):
    """An event that names no customer, beside a customer with an address."""
    world.create("customer", id="cus_1abc", email="jenny@example.com")
    world.create("product", id="prod_1")
    world.post_new(0)
    return Event.objects.get(kind="product.created")


#: Texts of errors that name the customer, or something of theirs.
NAMED_IN_WORDS = [
    "Jenny@example.com",
    "cus_1abc",
    "'ch_1abc'",
    "to=jenny%40example.com",
    "\\ncus_1abc",
    "jenny\\x40example.com",
]


@pytest.mark.parametrize("named", NAMED_IN_WORDS)
def test_what_was_said_of_an_event_that_does_not_name_the_customer_goes(world, product_event, named):
    world.create("charge", id="ch_1abc", customer="cus_1abc")
    world.post_new(2)
    said = f"cannot mail {named}: {PLANTED}"
    for number in range(2):
        words = said if number else "stays"
        EventProcessingException.objects.create(event=product_event, message=f"ValueError: {words}", traceback=words)
        EventStep.objects.create(event=product_event, kind="database", data={"where": "mirror", "said": words})
        KeptAnswer.objects.create(event=product_event, request="/v1/x", answer=json.dumps({"x": words}))
    EventProcessingException.objects.create(event=None, message=said, traceback="")
    tried = redact("--customer", "cus_1abc", "--dry-run")
    assert len(planted()) == 5
    done = redact("--customer", "cus_1abc")
    assert planted() == []
    assert "2 event processing exception" in done
    assert tried.replace("Would redact", "Redacted") == done
    messages = EventProcessingException.objects.filter(event=product_event).values_list("message", flat=True)
    assert sorted(messages) == ["ValueError: (redacted)", "ValueError: stays"]
    steps = EventStep.objects.filter(event=product_event, kind="database").values_list("data", flat=True)
    assert list(steps) == [{"where": "mirror", "said": "stays"}, {"where": "mirror"}]
    assert KeptAnswer.objects.get().answer == '{"x": "stays"}'
    product_event.refresh_from_db()
    assert product_event.message["data"]["object"]["id"] == "prod_1"
    assert "by kind of row: nothing." in redact("--customer", "cus_1abc")


def test_a_receiver_that_failed_on_the_customer_is_found_by_the_words(world):
    def mail(event, **kwargs):
        raise ValueError("cannot mail jenny@example.com of the new price")

    world.create("customer", id="cus_1abc", email="jenny@example.com")
    world.post_new(0)
    every_event.connect(mail)
    world.create("product", id="prod_1")
    world.post_new(1)
    every_event.disconnect(mail)
    assert found({"email": "jenny@example.com"})
    redact("--customer", "cus_1abc")
    assert found({"email": "jenny@example.com"}) == set()
    assert Event.objects.get(kind="product.created").state == "failed"


def test_words_of_another_account_are_about_its_customer(world, product_event):
    Event.objects.filter(pk=product_event.pk).update(stripe_account="acct_1")
    EventProcessingException.objects.create(event=product_event, message="cus_1abc", traceback="")
    redact("--customer", "cus_1abc")
    assert EventProcessingException.objects.get().message == "cus_1abc"


def test_long_words_are_read_one_by_one(world, product_event, monkeypatch):
    monkeypatch.setattr(redaction, "MAX_BYTES", 3000)
    parts = []
    real = redaction.portions
    monkeypatch.setattr(redaction, "portions", lambda sizes: (parts.append(part) or part for part in real(sizes)))
    # Keys that no row of another table has.
    made = [
        EventProcessingException.objects.create(pk=pk, event=product_event, message="cus_1abc", traceback=size * "x").pk
        for pk, size in enumerate((10, 10, 5000, 10), start=1_000_000)
    ]
    assert "4 event processing exception" in redact("--customer", "cus_1abc")
    assert [part for part in parts if set(part) <= set(made)] == [made[:2], made[2:3], made[3:]]


def test_a_run_that_was_broken_off_at_the_words_goes_on_behind_the_events(world, product_event, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    EventProcessingException.objects.create(event=product_event, message="cus_1abc", traceback=PLANTED)
    with monkeypatch.context() as broken_off:
        broken_off.setattr(redaction, "log_texts_by_text", interrupted)
        with pytest.raises(CommandError, match=f"Go on with --start-at {product_event.pk + 1}"):
            redact("--customer", "cus_1abc")
    redact("--customer", "cus_1abc", "--start-at", str(product_event.pk + 1))
    assert planted() == []


# Every table, and every column that can hold a text

#: Columns of the tables that are no mirror whose text goes, or as much of it as may be about a person.
TAKEN = {
    Event: {
        *("webhook_message", "validated_message", "difference", "explanation", "detail"),
        *("body", "headers", "remote_address"),
    },
    EventProcessingException: {"message", "traceback"},
    EventStep: {"data"},
    KeptAnswer: {"purpose", "request", "answer"},
    UserLink: {"user_key"},
}
#: The others, and why they hold nothing personal.
HARMLESS = {
    Event: {
        "stripe_id": "an id of Stripe's; of refused POSTs it goes",
        "kind": "Stripe's word; of refused POSTs it goes",
        "stripe_account": "an id of Stripe's; of refused POSTs it goes",
        "api_version": "Stripe's word; of refused POSTs it goes",
        "object_type": "Stripe's word; of refused POSTs it goes",
        "object_id": "an id of Stripe's; of refused POSTs it goes",
        "customer": "an id of Stripe's; of refused POSTs it goes",
        "fingerprint": "a sha256",
        "reason": "a code of ours",
        "notes": "codes of ours",
        "state": "a word of ours",
        "source": "a word of ours",
    },
    EventProcessingException: {"data": "a step of ours, or the name of a receiver"},
    EventStep: {"kind": "a word of ours", "outcome": "a code of ours"},
    ReceiverCall: {"receiver": "the name of a receiver"},
    EntitlementState: {"id": "an id of Stripe's"},
    UserLink: {"digest": "a sha256", "customer": "an id of Stripe's", "account": "an id of Stripe's"},
    CatchUp: {"stripe_account": "an id of Stripe's"},
    Backfill: {
        "stripe_account": "an id of Stripe's",
        "object_types": "Stripe's words",
        "options": "options of the command",
    },
    BackfillPosition: {
        "list_name": "a path of Stripe's",
        "parent_key": "an id of Stripe's",
        "cursor": "an id of Stripe's",
        "skipped": "what Stripe says of a list, not of an object in it",
    },
    Verification: {"stripe_account": "an id of Stripe's", "object_types": "Stripe's words"},
    TableReading: {
        "table": "a word of ours",
        "columns": "names of columns and of Stripe's attributes",
        "target": "a fingerprint of those",
        "position": "an id of Stripe's",
    },
    DailyFigure: {"name": "a word of ours", "currency": "a currency", "day": "a day", "value": "a sum over customers"},
    SweeperMark: {},
    KeptAnswer: {},
    PassedEvent: {},
    PruningMark: {},
}


#: Kinds of columns that hold no text; a kind that is not here is taken to hold some.
PLAIN = (AutoField, BooleanField, DateTimeField, IntegerField)


def columns_with_text(model):
    return {column.name for column in model._meta.concrete_fields if not isinstance(kind_of(column), PLAIN)}


def kind_of(column):
    """The column that a foreign key holds the key of, or the column itself."""
    return column.target_field if isinstance(column, ForeignKey) else column


def test_every_table_is_redacted_or_holds_nothing_personal():
    """A new table or column belongs in one of the two lists, and then into the redaction or beside its reason."""
    other = set(apps.get_app_config("pinax_stripe").get_models()) - set(mirrored_models())
    assert other == set(TAKEN) | set(HARMLESS)
    for model in other:
        taken, harmless = TAKEN.get(model, set()), set(HARMLESS.get(model, {}))
        assert columns_with_text(model) == taken | harmless
        assert not taken & harmless
    assert {words.model for words in redaction.LOG_TEXTS} == {EventProcessingException, EventStep, KeptAnswer}


@pytest.mark.parametrize(
    ("model", "column"), [(model, name) for model in TAKEN for name in sorted(TAKEN[model])], ids=str
)
def test_every_column_that_may_hold_something_personal_is_emptied(world, model, column):
    world.create("customer", id="cus_1abc")
    world.post_new(0)
    event = Event.objects.get()
    EventProcessingException.objects.create(event=event, message="x", traceback="x")
    EventStep.objects.create(event=event, kind="ignored")
    KeptAnswer.objects.create(event=event, request="x", answer="x")
    UserLink.objects.create(digest="1", customer_id="cus_1abc")
    values = {
        "body": PLANTED.encode(),
        "difference": [{"path": "x", "stripe": PLANTED}],
        "data": {"said": PLANTED},
        "headers": {"User-Agent": PLANTED},
        "webhook_message": {"data": {"object": {"customer": "cus_1abc", "x": PLANTED}}},
        "validated_message": {"data": {"object": {"customer": "cus_1abc", "x": PLANTED}}},
    }
    model.objects.update(**{column: values.get(column, PLANTED)})
    assert planted()
    redact("--customer", "cus_1abc")
    assert planted() == []
