"""Each promise of the pipeline, through the real view, against a Stripe that answers over HTTP."""

import datetime
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pinax.stripe.models import (
    Customer,
    Event,
    EventProcessingException,
    Invoice,
    ReceiverCall,
    Subscription,
    SubscriptionItem,
)
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event, failed_event, invalid_event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.webhooks.base import Webhook
from pinax.stripe.webhooks.processing import Outcome, process
from pinax.stripe.webhooks.registry import registry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connected():
    """Connect receivers for one test."""
    undo = []

    def connect(signal, receiver, **kwargs):
        signal.connect(receiver, weak=False, **kwargs)
        undo.append((signal, receiver, kwargs))

    yield connect
    for signal, receiver, kwargs in undo:
        signal.disconnect(receiver, dispatch_uid=kwargs.get("dispatch_uid"))


@pytest.fixture
def created(fake_stripe):
    """A genuine customer.created event."""
    fake_stripe.create("customer", id="cus_1", email="a@example.com")
    return fake_stripe.events[-1]


def test_a_genuine_event_is_recorded_validated_mirrored_announced_and_marked(client, created, connected):
    seen = []
    connected(
        WEBHOOK_SIGNALS["customer.created"], lambda sender, event, **kwargs: seen.append((sender.__name__, event))
    )
    response = post_event(client, created)
    event = Event.objects.get()
    assert response.status_code == 200
    assert (event.valid, event.processed, event.reason, event.deliveries, event.attempts) == (True, True, "", 1, 1)
    assert event.message == created == json.loads(bytes(event.body))
    assert event.customer == Customer.objects.get(email="a@example.com")
    assert event.created_at.timestamp() == created["created"]
    assert seen == [("CustomerWebhook", event)]


def test_the_copy_that_stripe_has_is_processed_not_the_posted_one(client, fake_stripe, created):
    """An endpoint with another API version gets another rendering; only its identity is compared."""
    posted = {**created, "api_version": "2015-10-16", "data": {"object": {**created["data"]["object"], "email": "x@y"}}}
    assert post_event(client, posted).status_code == 200
    event = Event.objects.get()
    assert event.notes == ["rendering_differs"]
    assert event.difference[0]["path"] == "data.object.email"
    assert Customer.objects.get().email == "a@example.com"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "customer.deleted"}, "identity_differs"),
        ({"livemode": True}, "other_mode"),
        ({"created": 1}, "identity_differs"),
        ({"data": {"object": {"id": "cus_2", "object": "customer"}}}, "identity_differs"),
        ({"data": {"object": {"id": "cus_1", "object": "customer", "email": "evil@example.com"}}}, "content_differs"),
        ({"data": {}}, "identity_differs"),
        ({"account": "acct_evil"}, "unknown_account"),
    ],
)
def test_a_forgery_of_a_real_id_changes_nothing_and_is_explained(client, created, connected, change, reason):
    seen = []
    connected(every_event, lambda event, **kwargs: seen.append(event))
    response = post_event(client, {**created, **change})
    event = Event.objects.get()
    assert response.status_code == (200 if reason == "other_mode" else 400)
    assert event.valid is (None if reason == "other_mode" else False)
    assert (event.reason, event.processed, bool(event.explanation)) == (reason, False, True)
    assert (seen, Customer.all_objects.count()) == ([], 0)


def test_a_forgery_never_blocks_the_real_delivery(client, created):
    assert post_event(client, {**created, "created": 1}).status_code == 400
    assert post_event(client, created).status_code == 200
    assert Event.objects.genuine().get().processed


def test_a_forgery_recorded_while_stripe_was_down_never_blocks_the_real_delivery(client, fake_stripe, created):
    fake_stripe.fail(times=None)
    assert post_event(client, {**created, "created": 1}).status_code == 503
    assert post_event(client, created).status_code == 503
    fake_stripe.clear_faults()
    outcomes = [process(pk) for pk in Event.objects.order_by("pk").values_list("pk", flat=True)]
    assert outcomes == [Outcome.REFUSED, Outcome.DONE]


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


def test_a_forgery_of_a_processed_event_is_refused_without_asking_stripe(client, fake_stripe, created):
    post_event(client, created)
    fake_stripe.reset_requests()
    forged = {**created, "data": {"object": {**created["data"]["object"], "email": "evil@example.com"}}}
    assert post_event(client, forged).status_code == 400
    assert Event.objects.refused().get().difference[0]["posted"] == "evil@example.com"
    assert fake_stripe.requests == []


def test_two_renderings_of_one_event_are_one_event(client, fake_stripe, created):
    fake_stripe.fail(times=None)
    other = {**created, "api_version": "2015-10-16"}
    assert {post_event(client, event).status_code for event in (created, other)} == {503}
    fake_stripe.clear_faults()
    assert {post_event(client, event).status_code for event in (created, other)} == {200}
    event = Event.objects.get()
    assert (event.processed, event.deliveries) == (True, 4)


def test_an_unknown_id_is_refused(client, fake_stripe, connected):
    told = []
    connected(invalid_event, lambda event, **kwargs: told.append(event.reason))
    assert post_event(client, build_event("customer.created", build_object("customer"))).status_code == 400
    assert Event.objects.get().reason == "not_found"
    assert told == ["not_found"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda stripe: stripe.fail(status=500, times=None), "api_error"),
        (lambda stripe: stripe.fail(status=401, times=None), "key_refused"),
        (lambda stripe: stripe.fail(status=403, times=None), "no_permission"),
        (lambda stripe: stripe.fail(status=200, body="<html>", times=None), "api_error"),
        (lambda stripe: stripe.rate_limit(times=None), "rate_limited"),
        (lambda stripe: stripe.drop(times=None), "no_answer"),
        (lambda stripe: stripe.half(times=None), "no_answer"),
        (lambda stripe: stripe.slow(seconds=0.4, times=None), "no_answer"),
    ],
)
def test_while_stripe_cannot_be_asked_an_event_stays_undecided(client, fake_stripe, settings, created, fault, reason):
    # Only what waits for an answer that does not come may be short of time.
    settings.PINAX_STRIPE_API_TIMEOUT = 0.2 if reason == "no_answer" else 30
    fault(fake_stripe)
    assert post_event(client, created).status_code == 503
    event = Event.objects.get()
    assert (event.valid, event.reason, event.processed) == (None, reason, False)
    fake_stripe.clear_faults()
    settings.PINAX_STRIPE_API_TIMEOUT = 30
    assert post_event(client, created).status_code == 200
    event.refresh_from_db()
    assert (event.valid, event.reason, event.processed, event.deliveries) == (True, "", True, 2)


def test_a_short_fault_is_retried_at_once(client, fake_stripe, created):
    fake_stripe.drop()
    assert post_event(client, created).status_code == 200


def test_a_429_is_retried_only_if_stripe_says_so(client, fake_stripe, created):
    fake_stripe.rate_limit(should_retry=True)
    assert post_event(client, created).status_code == 200
    assert fake_stripe.calls() == 2


def test_without_a_key_everything_is_undecided(client, settings, created):
    settings.PINAX_STRIPE_SECRET_KEY = ""
    assert post_event(client, created).status_code == 503
    assert Event.objects.get().reason == "no_key"


def test_a_duplicate_is_counted_and_nothing_else(client, created, connected, django_assert_max_num_queries):
    seen = []
    connected(every_event, lambda event, **kwargs: seen.append(event))
    post_event(client, created)
    with django_assert_max_num_queries(3):
        assert post_event(client, created).status_code == 200
    assert Event.objects.get().deliveries == 2
    assert len(seen) == 1
    assert not EventProcessingException.objects.exists()


def boom(event, **kwargs):
    """A receiver with a bug."""
    Customer.all_objects.filter(pk="cus_1").update(phone="written by boom")
    raise ValueError("boom")


def writes(event, **kwargs):
    """A receiver that works; counts its calls in the database."""
    customer = Customer.all_objects.get(pk="cus_1")
    Customer.all_objects.filter(pk="cus_1").update(description=customer.description + "+")


def test_a_receiver_that_raises_is_the_only_one_called_again(client, created, connected):
    told = []
    connected(failed_event, lambda event, exceptions, **kwargs: told.extend(exceptions))
    signal = WEBHOOK_SIGNALS["customer.created"]
    connected(signal, boom)
    connected(signal, writes)
    assert post_event(client, created).status_code == 500
    customer, event = Customer.objects.get(), Event.objects.get()
    assert (customer.email, customer.phone, customer.description) == ("a@example.com", "", "+")
    assert (event.valid, event.processed) == (True, False)
    exception = EventProcessingException.objects.get()
    assert exception.message == "ValueError: boom"
    assert exception.data.endswith("test_pipeline.boom")
    assert "def boom" not in exception.message
    assert 'raise ValueError("boom")' in exception.traceback
    assert told == [exception]
    signal.disconnect(boom)
    assert post_event(client, created).status_code == 200
    assert Customer.objects.get().description == "+"
    assert Event.objects.get().processed


def test_receivers_run_in_the_order_of_connection_sync_and_async(client, created, connected):
    order = []

    async def second(**kwargs):
        order.append("second")

    connected(every_event, lambda **kwargs: order.append("last"))
    connected(WEBHOOK_SIGNALS["customer.created"], lambda **kwargs: order.append("first"))
    connected(WEBHOOK_SIGNALS["customer.created"], second)
    connected(WEBHOOK_SIGNALS["customer.created"], lambda **kwargs: order.append("third"))
    post_event(client, created)
    assert order == ["first", "second", "third", "last"]


def test_an_on_commit_callback_that_raises_does_not_undo_the_event(client, created, connected):
    def receiver(**kwargs):
        transaction.on_commit(boom_after_commit)

    def boom_after_commit():
        raise ValueError("mail server down")

    connected(every_event, receiver)
    assert post_event(client, created).status_code == 200
    assert Event.objects.get().processed
    assert EventProcessingException.objects.get().data == "after commit"


@pytest.mark.parametrize("status", [200, 500], ids=["all are done", "a later receiver raises"])
def test_an_on_commit_callback_that_raises_does_not_stop_those_of_others(client, created, connected, status):
    sent = []

    def boom(**kwargs):
        raise ValueError("a bug")

    connected(every_event, lambda **kwargs: transaction.on_commit(lambda: sent.append("first")))
    connected(every_event, lambda **kwargs: transaction.on_commit(boom))
    connected(every_event, lambda **kwargs: transaction.on_commit(lambda: sent.append("last")))
    if status == 500:
        connected(every_event, boom)
    assert post_event(client, created).status_code == status
    assert sent == ["first", "last"]
    assert EventProcessingException.objects.filter(data="after commit").count() == 1


def test_a_receiver_imported_twice_runs_once(client, created, connected):
    connected(every_event, writes)
    copy = type(writes)(writes.__code__, writes.__globals__, "writes")
    copy.__qualname__ = writes.__qualname__
    connected(every_event, copy)
    post_event(client, created)
    assert Customer.objects.get().description == "+"


def test_a_crash_before_anything_was_done_is_made_good_by_the_next_delivery(client, created):
    def killed(event_pk):
        raise KeyboardInterrupt

    from pinax.stripe.webhooks import dispatch

    original = dispatch.process_event
    dispatch.process_event = killed
    try:
        with pytest.raises(KeyboardInterrupt):
            post_event(client, created)
    finally:
        dispatch.process_event = original
    assert Event.objects.undone().count() == 1
    assert post_event(client, created).status_code == 200
    assert Event.objects.get().processed


def test_a_handler_that_cannot_be_made_is_a_failure_on_record(client, created, monkeypatch):
    class Broken(Webhook):
        def __init__(self, event):
            raise ValueError("broken")

    monkeypatch.setitem(registry._handlers, "customer.created", Broken)
    assert post_event(client, created).status_code == 500
    event = Event.objects.get()
    assert (event.state, event.exceptions.get().data) == ("failed", "handler")


def test_process_again_starts_over(client, created, connected):
    connected(every_event, writes)
    post_event(client, created)
    assert process_again(Event.objects.get().pk) is Outcome.DONE
    assert Customer.objects.get().description == "++"
    assert ReceiverCall.objects.count() == 1


def test_a_type_newer_than_this_release_is_stored_signalled_and_mirrored(client, fake_stripe, connected):
    seen = []
    connected(every_event, lambda event, **kwargs: seen.append(event.kind))
    fake_stripe.emit("customer.teleported", build_object("customer", id="cus_9", warp="☃"))
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert seen == ["customer.teleported"]
    assert Customer.objects.get().stripe_data["warp"] == "☃"


def test_a_type_without_handler_and_receivers_is_fine(client, fake_stripe):
    fake_stripe.emit("balance.available", {"object": "balance", "available": []})
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert Event.objects.get().processed


def test_a_misspelt_type_raises():
    with pytest.raises(KeyError, match="no event type"):
        WEBHOOK_SIGNALS["invoice.payed"]


def test_a_thin_event_is_validated_and_announced(client, fake_stripe, connected):
    seen = []
    connected(every_event, lambda event, **kwargs: seen.append(event.kind))
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "created": "2026-10-01T10:00:00.123Z",
        "livemode": False,
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
    fake_stripe.add_event({**thin, "changes": {}})
    assert post_event(client, thin).status_code == 200
    assert seen == ["v2.core.account[requirements].updated"]


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


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 502, "body": b"<html>\x00</html>"},
        {"status": 400, "body": {"error": {"type": "invalid_request_error", "message": "a\x00b\ud800"}}},
        {"status": 401, "body": {"error": {"message": "a\x00b\ud800"}}},
    ],
    ids=lambda fault: str(fault["status"]),
)
def test_an_answer_that_no_database_stores_decides_nothing(client, fake_stripe, created, fault):
    fake_stripe.fail(times=None, **fault)
    assert post_event(client, created).status_code == 503
    assert "�" in Event.objects.get().explanation
    fake_stripe.clear_faults()
    assert post_event(client, created).status_code == 200


def test_a_connected_account_is_asked_for_its_event_and_kept_apart(client, fake_stripe):
    for account in ("acct_1", "acct_2", ""):
        fake_stripe.create("plan", id="gold", nickname=f"of {account}", account=account)
    for event in fake_stripe.events:
        assert post_event(client, event).status_code == 200
    from pinax.stripe.models import Plan

    assert sorted(Plan.objects.values_list("pk", "nickname")) == [
        ("acct_1/gold", "of acct_1"),
        ("acct_2/gold", "of acct_2"),
        ("gold", "of "),
    ]


def test_an_answer_that_does_not_repeat_the_account_is_of_the_one_that_was_asked_for(client, fake_stripe):
    event = build_event("customer.created", build_object("customer", id="cus_1"), livemode=False)
    fake_stripe.add_event(event, account="acct_1")
    event = {name: value for name, value in event.items() if name != "account"}
    fake_stripe.account_events("acct_1")[0].pop("account", None)
    assert post_event(client, {**event, "account": "acct_1"}).status_code == 200
    assert Customer.objects.get().pk == "acct_1/cus_1"


def test_deauthorization_is_believed_when_stripe_refuses_a_known_account(client, fake_stripe):
    fake_stripe.create("customer", account="acct_1")
    post_event(client, fake_stripe.events[-1])
    fake_stripe.revoked_accounts.add("acct_1")
    for account, status in (("acct_1", 200), ("acct_2", 400)):
        fake_stripe.revoked_accounts.add(account)
        gone = build_event(
            "account.application.deauthorized",
            {"id": "ca_1", "object": "application"},
            account=account,
            api_version=None,
        )
        assert post_event(client, gone).status_code == status
    assert Event.objects.get(stripe_account="acct_1", kind="account.application.deauthorized").notes == [
        "access_revoked"
    ]


def test_a_dashboard_sample_costs_no_call_and_never_collides(client, fake_stripe):
    sample = build_event(
        "customer.created", {"id": "cus_00000000000000", "object": "customer"}, id="evt_00000000000000"
    )
    assert [post_event(client, sample).status_code for _ in range(2)] == [200, 200]
    assert [event.reason for event in Event.objects.all()] == ["dashboard_test"] * 2
    assert fake_stripe.requests == []


def test_an_event_of_the_other_mode_costs_no_call(client, fake_stripe, settings):
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_x"
    event = build_event("customer.created", build_object("customer"))
    assert post_event(client, event).status_code == 200
    assert Event.objects.get().reason == "other_mode"
    assert fake_stripe.requests == []


class TestSignatures:
    @pytest.fixture(autouse=True)
    def secrets(self, settings, fake_stripe):
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_old", "whsec_new"]

    def test_unsigned_posts_are_refused_without_a_call(self, client, fake_stripe, created):
        assert post_event(client, created).status_code == 400
        assert post_event(client, created, secret="whsec_evil").status_code == 400
        assert {event.reason for event in Event.objects.all()} == {"signature_missing", "signature_mismatch"}
        assert fake_stripe.requests == []

    def test_a_wrong_secret_is_told_by_its_end_and_given_away_by_nothing(self, client, created):
        post_event(client, created, secret="whsec_evil")
        explanation = Event.objects.get().explanation
        assert "…_old, …_new" in explanation
        assert "whsec_old" not in explanation

    @pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
    def test_every_secret_is_good(self, client, created, secret):
        assert post_event(client, created, secret=secret).status_code == 200
        assert Event.objects.get().signed

    @pytest.mark.parametrize("secret", ["whsec_new", "whsec_evil"])
    def test_what_a_signature_excuses_it_excuses_when_the_event_is_on_record_too(self, client, created, secret):
        """The body of a second endpoint, or the delivery of what a catch-up found first."""
        post_event(client, created, secret="whsec_new")
        data = {**created["data"]["object"], "a_field_of_one_endpoint": 1}
        response = post_event(client, {**created, "data": {"object": data}}, secret=secret)
        assert response.status_code == (200 if secret == "whsec_new" else 400)
        assert Event.objects.genuine().get().deliveries == (2 if secret == "whsec_new" else 1)

    def test_a_signature_alone_needs_no_call(self, client, settings, fake_stripe, created):
        settings.PINAX_STRIPE_VALIDATION = "signature"
        assert post_event(client, created, secret="whsec_new").status_code == 200
        assert Event.objects.get().processed
        assert fake_stripe.requests == []

    @pytest.mark.parametrize("secrets", ["", [], [""], None])
    def test_signature_mode_without_a_usable_secret_refuses_everything(self, client, settings, created, secrets):
        settings.PINAX_STRIPE_VALIDATION = "signature"
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = secrets
        assert post_event(client, created).status_code == 400
        assert post_event(client, created, secret=" ").status_code == 400
        assert {event.reason for event in Event.objects.all()} == {"no_secret"}

    def test_a_signature_is_as_old_as_the_post_and_not_as_the_wait(self, client, settings, created):
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_wrong"
        hour_ago = timezone.now() - datetime.timedelta(hours=1)
        assert post_event(client, created, secret="whsec_new", timestamp=int(hour_ago.timestamp())).status_code == 400
        Event.objects.update(recorded_at=hour_ago)
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_new"
        assert process_again(Event.objects.get().pk) is Outcome.DONE

    def test_an_event_of_the_other_mode_is_still_signed_when_its_secret_is_gone(self, client, settings, created):
        settings.PINAX_STRIPE_SECRET_KEY = "sk_live_fake"
        assert post_event(client, created, secret="whsec_old").status_code == 200
        assert Event.objects.get().reason == "other_mode"
        settings.PINAX_STRIPE_SECRET_KEY, settings.PINAX_STRIPE_WEBHOOK_SECRETS = "sk_test_fake", ["whsec_new"]
        assert process(Event.objects.get().pk) is Outcome.DONE

    @pytest.mark.parametrize(
        ("secrets", "status", "answer"),
        [
            (["whsec_old"], 401, 200),  # As API versions before 2016-10-19 say it.
            (["whsec_old"], 403, 200),
            (["whsec_old"], 404, 200),
            ([], 401, 503),  # The key may be bad.
            ([], 403, 503),  # Neither the account nor the key is named.
            ([], 404, 400),
        ],
    )
    def test_a_deauthorization_is_believed_by_its_signature_however_stripe_refuses(
        self, client, settings, fake_stripe, secrets, status, answer
    ):
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = secrets
        fake_stripe.fail(status=status)
        gone = build_event("account.application.deauthorized", {"object": "application"}, account="acct_1")
        assert post_event(client, gone, secret="whsec_old").status_code == answer
        assert Event.objects.get().valid is {200: True, 400: False, 503: None}[answer]

    def test_an_old_event_is_believed_by_its_signature_only(self, client, fake_stripe):
        old = build_event("customer.created", build_object("customer"), created=1_500_000_000)
        assert post_event(client, old, secret="whsec_new").status_code == 200
        assert Event.objects.get().notes == ["signature_only"]


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
    assert (len(event.body), event.body_size, event.is_cut, event.reason) == (1024, 5000, True, "too_large")


def test_django_s_own_limit_of_bodies_does_not_matter(client, settings, created):
    """Beyond it Django answers 400 when `request.body` is read, and the event is lost."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert post_event(client, created).status_code == 200
    assert Event.objects.get().processed


def test_an_integrity_error_that_no_twin_explains_surfaces(client, created, monkeypatch):
    def save(self, **kwargs):
        raise IntegrityError("a constraint of the project's")

    monkeypatch.setattr(Event, "save", save)
    with pytest.raises(IntegrityError, match="of the project's"):
        post_event(client, created)


@pytest.mark.parametrize("data", [{"object": "invoice"}, {"object": "invoice", "id": "upcoming_in_1"}])
def test_an_invoice_that_is_only_foreseen_is_announced_and_not_mirrored(client, fake_stripe, connected, data):
    seen = []
    connected(WEBHOOK_SIGNALS["invoice.upcoming"], lambda event, **kwargs: seen.append(event.object))
    event = fake_stripe.add_event(build_event("invoice.upcoming", {**data, "amount_due": 1}, livemode=False))
    assert post_event(client, event).status_code == 200
    assert (seen, Invoice.all_objects.count()) == ([{**data, "amount_due": 1}], 0)


@pytest.mark.parametrize(
    "data",
    [{"object": "invoice", "amount_due": 1}, {"object": "balance", "livemode": False}, {}],
    ids=lambda data: data.get("object", "nothing"),
)
@pytest.mark.parametrize("kind", ["invoice.created", "balance.available", "customer.updated", "customer.deleted"])
def test_an_object_without_an_id_is_announced_and_has_no_row(client, fake_stripe, connected, kind, data):
    seen = []
    connected(every_event, lambda event, **kwargs: seen.append(event.object))
    event = fake_stripe.add_event(build_event(kind, data, livemode=False))
    assert post_event(client, event).status_code == 200
    assert (seen, Event.objects.get().state) == ([data], "done")


def test_only_an_allowlist_of_headers_is_kept(client, fake_stripe):
    client.post(
        "/stripe/webhook",
        data=b"{}",
        content_type="application/json",
        headers={"Cookie": "sessionid=1", "Authorization": "Bearer x", "User-Agent": "Stripe/1.0"},
    )
    assert Event.objects.get().headers == {"User-Agent": "Stripe/1.0", "Content-Type": "application/json"}


@pytest.mark.parametrize("url", ["/stripe/webhook", "/stripe/webhook/"])
def test_the_address_answers_with_and_without_slash_and_needs_no_csrf_token_or_login(created, url):
    client = Client(enforce_csrf_checks=True)
    assert post_event(client, created, url=url).status_code == 200
    response = client.get(url)
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_atomic_requests_do_not_take_the_record_of_a_failure_away(client, created, connected):
    connected(every_event, boom)
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        assert post_event(client, created).status_code == 500
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert Event.objects.count() == EventProcessingException.objects.count() == 1


@pytest.mark.parametrize("items", [1, 20])
def test_an_event_costs_at_most_fifteen_queries_and_one_call(client, fake_stripe, django_assert_max_num_queries, items):
    parts = [build_object("subscription_item", subscription="sub_1", quantity=1) for _ in range(items)]
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", items=parts)
    with django_assert_max_num_queries(15):
        assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert Subscription.objects.get().items.count() == items
    assert fake_stripe.calls() == (1 if items == 1 else 2)


def old_customer(count):
    """A customer as API versions before 2020-08-27 have it, with cards and subscriptions inside."""
    cards = [build_object("card", id=f"card_{number}", customer="cus_1") for number in range(count)]
    subscriptions = [
        build_object(
            "subscription",
            id=f"sub_{number}",
            customer="cus_1",
            items=[build_object("subscription_item", id=f"si_{number}", subscription=f"sub_{number}")],
        )
        for number in range(count)
    ]
    lists = {"sources": cards, "subscriptions": subscriptions}
    return {name: {"object": "list", "data": data, "has_more": False} for name, data in lists.items()}


def test_objects_inside_another_cost_the_same_however_many_they_are(client, fake_stripe):
    costs = {}
    for count in (1, 10):
        for number in range(2):
            fake_stripe.now = 1_700_000_000 + 100 * count + number
            fake_stripe.emit("customer.updated", build_object("customer", id="cus_1", **old_customer(count)))
            with CaptureQueriesContext(connection) as queries:
                assert post_event(client, fake_stripe.events[-1]).status_code == 200
            costs[count, number] = len(queries)
    assert costs[10, 1] == costs[1, 1] <= 22
    assert len(Customer.objects.get().cards) == Subscription.objects.count() == SubscriptionItem.objects.count() == 10


def test_a_handled_event_writes_nothing_at_stripe(client, fake_stripe, created):
    post_event(client, created)
    fake_stripe.delete("cus_1")
    post_event(client, fake_stripe.events[-1])
    assert {request.method for request in fake_stripe.requests} == {"GET"}
