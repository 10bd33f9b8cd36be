"""Objects that have no table of their own are rows of the general one, by the same rules as all others."""

import itertools

import pytest

from pinax.stripe.exceptions import AccessDenied
from pinax.stripe.models import (
    Customer,
    Event,
    EventProcessingException,
    EventStep,
    FeeRefund,
    File,
    OtherObject,
    PaymentIntent,
)
from pinax.stripe.models.other_objects import OTHER_ID_LENGTH, TYPE_LENGTH
from pinax.stripe.sync import fetching
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.webhooks.processing import process
from tests.assertions import assert_row

from .delivery import deliver

#: An event type newer than this release, so that only the object counts.
NEWS = "moon.landed"


def hologram(**fields):
    """An object of a type that the table of object types does not know."""
    return {"id": "holo_1", "object": "hologram", "created": 1_600_000_000, "livemode": False, **fields}


def changes():
    """What the timelines say of rows, in the order of the events."""
    return [row for step in EventStep.objects.filter(kind="mirror").order_by("pk") for row in step.data["rows"]]


def test_an_object_of_an_unknown_type_is_a_row(client, stripe):
    data = hologram(status="shiny", customer={"id": "cus_1", "object": "customer"}, metadata={"a": "b"})
    stripe.emit(NEWS, data)
    deliver(client, stripe)
    row = OtherObject.objects.get()
    assert_row(row, pk="hologram:holo_1", stripe_id="holo_1", object_type="hologram", status="shiny")
    assert_row(row, customer_id="cus_1", customer=None, livemode=False, metadata={"a": "b"})
    assert (row.created_at.timestamp(), row.stripe_data) == (1_600_000_000, data)
    assert changes() == [["otherobject", "hologram:holo_1", "created"]]


def test_an_object_of_a_connected_account_has_the_account_in_its_key(client, stripe):
    stripe.emit(NEWS, hologram(customer="cus_1"), account="acct_1")
    deliver(client, stripe)
    row = OtherObject.objects.get()
    assert_row(row, pk="acct_1/hologram:holo_1", stripe_account="acct_1", customer_id="acct_1/cus_1")


def test_one_id_of_two_types_is_two_rows(client, stripe):
    stripe.emit(NEWS, hologram(id="gold"))
    stripe.emit(NEWS, build_object("tax_code", id="gold"))
    deliver(client, stripe)
    assert {row.pk for row in OtherObject.objects.all()} == {"hologram:gold", "tax_code:gold"}


def test_the_customer_and_the_time_are_read_where_the_table_of_object_types_has_them(client, stripe):
    stripe.emit(
        NEWS, build_object("identity.verification_session", id="vs_1", customer="cus_9", related_customer="cus_1")
    )
    stripe.emit(NEWS, build_object("reporting.report_type", id="balance.summary.1", updated=1_500_000_000))
    stripe.emit(NEWS, build_object("billing.alert", id="alrt_9", customer="cus_3"))
    deliver(client, stripe)
    rows = {row.stripe_id: row for row in OtherObject.objects.all()}
    assert rows["vs_1"].customer_id == "cus_1"
    assert rows["balance.summary.1"].created_at.timestamp() == 1_500_000_000
    assert rows["alrt_9"].customer_id is None


def test_an_older_snapshot_does_not_overwrite_a_newer_one(client, stripe):
    for status in ("new", "old"):
        stripe.advance(1)
        stripe.emit(NEWS, hologram(status=status))
    stripe.events.reverse()
    deliver(client, stripe)
    assert OtherObject.objects.get().status == "old"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_tie_is_settled_by_one_read_where_the_table_has_a_path(client, stripe, order):
    stripe.create("climate.order", id="climorder_1", status="pending", silent=True)
    stripe.emit(NEWS, stripe.get("climorder_1"))
    stripe.update("climorder_1", status="paid", silent=True)
    stripe.emit(NEWS, stripe.get("climorder_1"))
    for number in order:
        assert post_event(client, stripe.events[number]).status_code == 200
    assert OtherObject.objects.get().status == "paid"
    assert stripe.calls("/v1/climate/orders/climorder_1") == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_tie_that_cannot_be_settled_ends_in_the_same_row_in_any_order(client, stripe, order):
    events = [stripe.emit(NEWS, hologram(status=status)) for status in ("new", "old", "older")]
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert OtherObject.objects.get().status == "older"
    assert [change for _model, _key, change in changes()] == ["created", "undecided", "undecided"]
    assert stripe.calls() == stripe.calls("/v1/events")
    assert set(Event.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_object_whose_parent_is_not_known_cannot_be_read(client, stripe, order):
    """A refund of a fee is read below the fee, and this one does not name it."""
    refund = build_object("fee_refund", id="fr_1", fee=None)
    events = [stripe.emit(NEWS, {**refund, "note": note}) for note in ("b", "a")]
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert FeeRefund.objects.get().stripe_data["note"] == "b"
    assert stripe.calls() == stripe.calls("/v1/events")


def test_a_tie_of_an_object_that_the_key_may_not_read_stays_unsettled(client, stripe, monkeypatch):
    def deny(*args, **kwargs):
        raise AccessDenied("No.", code="no_permission", status=403)

    monkeypatch.setattr(fetching.api, "retrieve", deny)
    for status in ("b", "a"):
        stripe.emit(NEWS, build_object("climate.order", id="climorder_1", status=status))
    deliver(client, stripe)
    assert OtherObject.objects.get().status == "b"
    assert changes()[-1] == ["otherobject", "climate.order:climorder_1", "undecided"]
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_deleted_object_stays_deleted(client, stripe, order):
    events = [stripe.emit(NEWS, hologram(status="new"))]
    stripe.advance(1)
    events.append(stripe.emit(NEWS, {"id": "holo_1", "object": "hologram", "deleted": True}))
    events.append(stripe.emit(NEWS, hologram(status="new, too")))
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert OtherObject.all_objects.get().is_deleted
    assert not OtherObject.objects.exists()


def test_ids_that_recur_may_come_back(client, stripe):
    sku = build_object("sku", id="sku_1")
    stripe.emit(NEWS, {"id": "sku_1", "object": "sku", "deleted": True})
    stripe.advance(1)
    stripe.emit(NEWS, sku)
    deliver(client, stripe)
    assert not OtherObject.objects.get().is_deleted


def test_an_object_has_one_row_under_its_former_and_its_present_name(client, stripe):
    for name in ("file_upload", "file"):
        stripe.advance(1)
        stripe.emit(NEWS, {"id": "file_1", "object": name, "created": 1_600_000_000, "purpose": name})
    deliver(client, stripe)
    row = File.objects.get()
    assert (row.pk, row.purpose, row.stripe_data["object"]) == ("file_1", "file", "file")
    assert not OtherObject.all_objects.exists()


LEFT_ALONE = {
    "a preview without an id": {"object": "hologram"},
    "an id that no database takes": hologram(id="\x00"),
    "an id that is too long for a key": hologram(id="x" * (OTHER_ID_LENGTH + 1)),
    "a type that is too long for a key": hologram(object="x" * (TYPE_LENGTH + 1)),
    "a type that looks like none": hologram(object="Holo gram"),
    "a type with a colon": hologram(object="holo:gram"),
    "a type that is no text": hologram(object=["hologram"]),
    "no type": hologram(object=None),
    "a type without a letter": hologram(object=""),
    "an event": hologram(object="event"),
    "a thin event": hologram(object="v2.core.event"),
    "a part of an invoice": hologram(object="line_item"),
    "a part of a subscription": hologram(object="subscription_item"),
    "a secret": build_object("ephemeral_key"),
    "a secret of an app": build_object("apps.secret", payload="kept-secret"),
    "what a connected account is paid to": build_object("bank_account", customer=None, account="acct_1"),
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_has_no_row(client, stripe, name):
    stripe.emit(NEWS, LEFT_ALONE[name])
    deliver(client, stripe)
    assert not OtherObject.all_objects.exists()
    assert Event.objects.get().state == "done"


def test_the_longest_type_and_id_fit_behind_the_longest_account(client, stripe):
    account = "acct_" + "x" * 200
    stripe.emit(NEWS, hologram(object="x" * TYPE_LENGTH, id="y" * OTHER_ID_LENGTH), account=account)
    deliver(client, stripe)
    row = OtherObject.objects.get()
    assert len(row.pk) <= OtherObject._meta.pk.max_length
    assert row.pk == f"{account}/{'x' * TYPE_LENGTH}:{'y' * OTHER_ID_LENGTH}"


def test_hostile_values_are_kept_as_far_as_a_database_takes_them(client, stripe):
    hostile = {"\ud800": "\x00", "big": 10**400}
    stripe.emit(NEWS, hologram(status="\x00", customer="\ud800", created=10**30, metadata=hostile))
    deliver(client, stripe)
    row = OtherObject.objects.get()
    assert_row(row, status="�", customer_id="�", created_at=None)
    assert row.metadata["big"] == 10**400


def test_no_secret_is_kept_whatever_the_type(client, stripe):
    stripe.emit(NEWS, hologram(client_secret="kept-secret", deeper=[{"client_secret": "kept-secret"}]))
    names = ("account_number", "cvc", "secret", "signing_secret")
    stripe.emit(NEWS, hologram(id="holo_2", deeper=dict.fromkeys(names, "kept-secret")))
    stripe.emit(NEWS, hologram(id="holo_3", plate={"exp_month": 1, "number": "kept-secret"}, number="INV-1"))
    stripe.emit(NEWS, build_object("webhook_endpoint", id="we_1", secret="kept-secret"))
    deliver(client, stripe)
    assert "kept-secret" not in str(list(OtherObject.objects.values()))
    assert OtherObject.objects.get(stripe_id="holo_3").stripe_data["number"] == "INV-1"


def test_client_secrets_in_addresses_are_cut_out(client, stripe):
    address = "https://shop.example/done?payment_intent_client_secret=pi_1_secret_abc123&x=1"
    stripe.create(
        "payment_intent", id="pi_1", next_action={"redirect_to_url": {"url": address}}, description="a_secret_thing"
    )
    deliver(client, stripe)
    data = PaymentIntent.objects.get().stripe_data
    assert data["next_action"]["redirect_to_url"]["url"] == address.replace("abc123", "…")
    assert data["description"] == "a_secret_thing"


def test_what_an_old_version_embeds_is_a_row_as_well(client, stripe):
    receiver = build_object("bitcoin_receiver", id="btcrcv_1", customer="cus_1")
    stripe.create("customer", id="cus_1", sources={"object": "list", "data": [receiver], "has_more": False})
    deliver(client, stripe)
    assert OtherObject.objects.get().pk == "bitcoin_receiver:btcrcv_1"
    assert list(Customer.objects.get().other_objects.all()) == [OtherObject.objects.get()]


def test_a_setting_switches_the_table_off(client, stripe, settings):
    stripe.emit(NEWS, hologram(status="first"))
    deliver(client, stripe)
    settings.PINAX_STRIPE_MIRROR_OTHER_OBJECTS = False
    stripe.advance(1)
    stripe.emit(NEWS, hologram(status="second"))
    deliver(client, stripe)
    assert OtherObject.objects.get().status == "first"
    assert Event.objects.filter(state="done").count() == 2


def thin(stripe, object_type, stripe_id):
    return stripe.add_event(
        {
            "id": "evt_thin",
            "object": "v2.core.event",
            "type": "v1.moon.landed",
            "created": "2026-10-01T10:00:00.000Z",
            "livemode": False,
            "related_object": {"id": stripe_id, "type": object_type, "url": "//evil.example/"},
        }
    )


def test_the_object_that_a_thin_event_names_is_read(client, stripe):
    stripe.create("climate.order", id="climorder_1", silent=True)
    assert post_event(client, thin(stripe, "climate.order", "climorder_1")).status_code == 200
    assert OtherObject.objects.get().pk == "climate.order:climorder_1"
    assert stripe.calls("/v1/climate/orders/climorder_1") == 1


@pytest.mark.parametrize("object_type", ["v2.core.account", "product_feature", "setup_attempt", "transfer_reversal"])
def test_what_no_path_is_known_for_is_not_read(client, stripe, object_type):
    assert post_event(client, thin(stripe, object_type, "x_1")).status_code == 200
    assert not OtherObject.all_objects.exists()


def test_a_redacted_thin_event_brings_nothing_back(client, stripe):
    stripe.create("climate.order", id="climorder_1", silent=True)
    assert post_event(client, thin(stripe, "climate.order", "climorder_1")).status_code == 200
    OtherObject.objects.all().delete()
    Event.objects.update(redacted_at="2026-10-02T00:00Z", processed=False, mirrored_at=None)
    process(Event.objects.get().pk)
    assert Event.objects.get().state == "done"
    assert not OtherObject.all_objects.exists()


def test_a_thin_event_about_what_the_key_may_not_read_is_done(client, stripe, monkeypatch):
    def deny(*args, **kwargs):
        raise AccessDenied("No.", code="no_permission", status=403)

    monkeypatch.setattr(fetching.api, "retrieve", deny)
    assert post_event(client, thin(stripe, "climate.order", "climorder_1")).status_code == 200
    assert Event.objects.get().state == "done"
    assert not OtherObject.all_objects.exists()
