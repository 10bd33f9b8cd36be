"""Only what Stripe confirms is valid; while Stripe cannot be asked, nothing is decided."""

import pytest

from pinax.stripe.models import (
    Customer,
    Event,
)
from pinax.stripe.signals import every_event, invalid_event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.webhooks.processing import Outcome, process
from tests.assertions import assert_event

pytestmark = pytest.mark.django_db(transaction=True)


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
def test_a_forgery_of_a_real_id_changes_nothing_and_is_explained(client, created, connect, change, reason):
    seen = []
    connect(lambda event, **kwargs: seen.append(event), every_event)
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


def test_a_forgery_of_a_processed_event_is_refused_without_asking_stripe(client, fake_stripe, created):
    post_event(client, created)
    fake_stripe.reset_requests()
    forged = {**created, "data": {"object": {**created["data"]["object"], "email": "evil@example.com"}}}
    assert post_event(client, forged).status_code == 400
    assert Event.objects.refused().get().difference[0]["posted"] == "evil@example.com"
    assert fake_stripe.requests == []


def test_an_unknown_id_is_refused(client, fake_stripe, connect):
    told = []
    connect(lambda event, **kwargs: told.append(event.reason), invalid_event)
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
    assert_event(event, valid=None, reason=reason, processed=False)
    fake_stripe.clear_faults()
    settings.PINAX_STRIPE_API_TIMEOUT = 30
    assert post_event(client, created).status_code == 200
    event.refresh_from_db()
    assert_event(event, valid=True, reason="", processed=True, deliveries=2)


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
