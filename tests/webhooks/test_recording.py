"""What is on record of a POST, whatever it holds."""

import json

import pytest
from django.db import IntegrityError, connection
from django.db.models.signals import post_init

from pinax.stripe.models import (
    Customer,
    Event,
    EventProcessingException,
)
from pinax.stripe.signals import every_event
from pinax.stripe.statements import forget_compiled
from pinax.stripe.testing import post_event
from pinax.stripe.webhooks import event_rows, one_statement
from tests.assertions import assert_event

pytestmark = pytest.mark.django_db(transaction=True)

#: Columns of an event in which no two events are the same.
OWN = {
    *("id", "stripe_id", "object_id", "customer_id", "fingerprint", "headers", "body", "body_size"),
    *("webhook_message", "validated_message"),
    *("created_at", "recorded_at", "mirrored_at", "processed_at", "next_attempt_at"),
}


def test_a_duplicate_is_counted_and_nothing_else(client, created, connect, django_assert_max_num_queries):
    seen = []
    connect(lambda event, **kwargs: seen.append(event), every_event)
    post_event(client, created)
    with django_assert_max_num_queries(3):
        assert post_event(client, created).status_code == 200
    assert Event.objects.get().deliveries == 2
    assert len(seen) == 1
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize("version", [None, "2015-10-16", "2016-03-07; orders_beta=v3"])
def test_nul_and_lone_surrogates_are_stored(client, fake_stripe, version):
    fake_stripe.create("customer", id="cus_1", name="a\x00b\ud800c", metadata={"\x00": "x"})
    fake_stripe.events[-1]["api_version"] = version
    body = json.dumps(fake_stripe.events[-1])
    assert post_event(client, body).status_code == 200
    assert Customer.objects.get().name == "a�b�c"
    assert Event.objects.get().message["data"]["object"]["name"] == "a\x00b\ud800c"


@pytest.mark.parametrize("name", ["User-Agent", "Content-Type", "Stripe-Signature"])
def test_headers_that_no_database_stores_are_stored_without(client, created, name):
    """Some servers let NUL through."""
    body = json.dumps(created)
    response = client.post("/stripe/webhook/", body, content_type="application/json", headers={name: "a\x00b"})
    assert response.status_code == 200
    assert Event.objects.get().headers[name] == "a�b"


@pytest.mark.parametrize("body", [b"123", b"null", b'"id livemode"', b"[]", b"", b"\xff\xfe", b'{"id": "evt_1"', b"{}"])
@pytest.mark.parametrize("secret", ["", "whsec_1"])
def test_garbage_is_recorded_refused_and_cheap(
    client, fake_stripe, settings, django_assert_max_num_queries, body, secret
):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = secret
    with django_assert_max_num_queries(2):
        assert post_event(client, body, secret=secret).status_code == 400
    event = Event.objects.get()
    assert (bytes(event.body), event.valid, event.processed) == (body, False, False)
    assert event.reason in ("not_json", "not_an_event")
    assert fake_stripe.requests == []


def test_a_body_over_the_limit_is_cut_and_the_row_says_so(client, settings):
    settings.PINAX_STRIPE_MAX_BODY_BYTES = 1024
    assert post_event(client, b"x" * 5000).status_code == 413
    event = Event.objects.get()
    assert_event(event, body_size=5000, is_cut=True, reason="too_large")
    assert len(event.body) == 1024


def test_django_s_own_limit_of_bodies_does_not_matter(client, settings, created):
    """Beyond it Django answers 400 when `request.body` is read, and the event is lost."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert post_event(client, created).status_code == 200
    assert Event.objects.get().processed


def test_an_integrity_error_that_no_twin_explains_surfaces(client, created, monkeypatch):
    def save(self, **kwargs):
        raise IntegrityError("a constraint of the project's")

    monkeypatch.setattr(Event, "save", save)
    monkeypatch.setattr(event_rows, "add_row_unless_known", lambda event: False)
    with pytest.raises(IntegrityError, match="of the project's"):
        post_event(client, created)


def test_only_an_allowlist_of_headers_is_kept(client, fake_stripe):
    client.post(
        "/stripe/webhook",
        data=b"{}",
        content_type="application/json",
        headers={"Cookie": "sessionid=1", "Authorization": "Bearer x", "User-Agent": "Stripe/1.0"},
    )
    assert Event.objects.get().headers == {"User-Agent": "Stripe/1.0", "Content-Type": "application/json"}


def test_a_crash_before_anything_was_done_is_made_good_by_the_next_delivery(client, created):
    def killed(event_pk):
        raise KeyboardInterrupt

    from pinax.stripe.webhooks import dispatch

    original = dispatch.process_row
    dispatch.process_row = killed
    try:
        with pytest.raises(KeyboardInterrupt):
            post_event(client, created)
    finally:
        dispatch.process_row = original
    assert Event.objects.undone().count() == 1
    assert post_event(client, created).status_code == 200
    assert Event.objects.get().processed


def test_two_renderings_of_one_event_are_one_event(client, fake_stripe, created):
    fake_stripe.fail(times=None)
    other = {**created, "api_version": "2015-10-16"}
    assert {post_event(client, event).status_code for event in (created, other)} == {503}
    fake_stripe.clear_faults()
    assert {post_event(client, event).status_code for event in (created, other)} == {200}
    event = Event.objects.get()
    assert (event.processed, event.deliveries) == (True, 4)


def test_many_claims_on_one_id_are_not_all_read_for_the_next(client, fake_stripe, created):
    """While Stripe cannot be asked none of them can be refused; each may be as long as the limit allows."""
    fake_stripe.fail(times=None)
    for number in range(10):
        assert post_event(client, {**created, "request": {"id": f"req_{number}"}}).status_code == 503
    read = []

    def count(instance, **kwargs):
        read.append(instance)

    post_init.connect(count, sender=Event)
    try:
        post_event(client, created)
    finally:
        post_init.disconnect(count, sender=Event)
    assert Event.objects.count() == 11
    assert len(read) <= 3


@pytest.mark.parametrize("how", ["refetch", "signature"])
def test_a_row_is_the_same_whether_what_is_usual_is_written_into_the_statements_or_not(
    client, fake_stripe, settings, monkeypatch, how
):
    settings.PINAX_STRIPE_VALIDATION = how
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_test"]
    told, usual = set(), []

    def as_usual(values, wanted):
        usual.append(has_values(values, wanted))
        return usual[-1]

    has_values = event_rows.has_values
    for has_values_of in (as_usual, lambda values, wanted: False):
        monkeypatch.setattr(event_rows, "has_values", has_values_of)
        monkeypatch.setattr(one_statement, "has_values", has_values_of)
        forget_compiled()
        fake_stripe.create("customer")
        assert post_event(client, fake_stripe.events[-1], secret="whsec_test").status_code == 200
        row = Event.objects.values().last()
        told.add(repr({name: value for name, value in row.items() if name not in OWN}))
    assert len(told) == 1
    # On SQLite the verdict is stored in statements of another kind.
    assert usual == [True] * (2 if connection.vendor == "postgresql" else 1)
