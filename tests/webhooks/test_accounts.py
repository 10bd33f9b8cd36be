"""Unsigned POSTs that name a connected account: what is made up ends soon and costs little, what is genuine is done."""

import datetime
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from pinax.stripe.models import Customer, Event, Plan
from pinax.stripe.signals import every_event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep.health import Level, Thresholds, health_report, worst
from pinax.stripe.webhooks import checkpoints, validation
from pinax.stripe.webhooks.checkpoints import Checkpoint
from tests.assertions import assert_event
from tests.backlog import sweep, wait

pytestmark = pytest.mark.django_db(transaction=True)

DEAUTHORIZED = "account.application.deauthorized"
#: What Stripe says to a restricted key; it names the account, too.
PERMISSION = {
    "error": {
        "type": "invalid_request_error",
        "message": "The provided key 'rk_test_***fake' does not have the required permissions for this endpoint on "
        "account 'acct_1'. Having the 'rak_event_read' permission would allow this request to continue.",
    }
}


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    settings.PINAX_STRIPE_API_RETRIES = 0
    return fake_stripe


def forged(account, **fields):
    return build_event("customer.created", build_object("customer"), account=account, **fields)


def genuine(stripe, account, **fields):
    stripe.create("customer", account=account, **fields)
    return stripe.events[-1]


@pytest.fixture
def known(client, stripe):
    """A connected account of which a genuine event is on record."""
    assert post_event(client, genuine(stripe, "acct_1")).status_code == 200
    stripe.reset_requests()
    return "acct_1"


def age(**delta):
    """Make all rows, and what is known of calls, older."""
    for event in Event.objects.all():
        event.recorded_at -= datetime.timedelta(**delta)
        event.denied_at = event.denied_at and event.denied_at - datetime.timedelta(**delta)
        Event.objects.filter(pk=event.pk).update(recorded_at=event.recorded_at, denied_at=event.denied_at)


def states():
    return list(Event.objects.order_by("pk").values_list("valid", "reason"))


# What Stripe's refusal of an account decides


@pytest.mark.parametrize("fields", [{"account": "acct_evil"}, {"user_id": "acct_evil"}])
def test_an_account_that_no_genuine_event_named_is_refused_when_stripe_refuses_it(client, stripe, fields):
    event = {name: value for name, value in forged("").items() if name != "account"}
    assert post_event(client, {**event, **fields}).status_code == 400
    row = Event.objects.get()
    assert_event(row, valid=False, reason="unknown_account", state="refused")
    assert "does not have access to account 'acct_evil'" in row.explanation
    assert len(stripe.requests) == 1


def test_the_context_of_a_thin_event_names_its_account(client, stripe):
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v1.customer.created",
        "created": "2026-10-01T10:00:00.123Z",
        "livemode": False,
        "context": "acct_1/acct_evil",
    }
    assert post_event(client, thin).status_code == 400
    assert states() == [(False, "unknown_account")]


def test_a_permission_that_the_key_lacks_decides_nothing(client, stripe):
    stripe.create("customer", account="acct_1")
    stripe.fail(status=403, body=PERMISSION, times=None)
    for event in (stripe.events[-1], build_event(DEAUTHORIZED, {"object": "application"}, account="acct_1")):
        assert post_event(client, event).status_code == 503
    assert states() == [(None, "no_permission")] * 2


def test_a_403_of_something_in_between_decides_nothing(client, stripe):
    stripe.fail(status=403, body={"message": "Forbidden"}, times=None)
    assert post_event(client, forged("acct_evil")).status_code == 503


def test_a_known_account_is_waited_for_and_not_for_ever(client, stripe, known):
    event = genuine(stripe, known)
    stripe.revoked_accounts.add(known)
    assert post_event(client, event).status_code == 503
    assert states()[1:] == [(None, "no_access")]
    age(days=1)
    assert sweep() == "Processed 1 events: 1 refused."
    assert states()[1:] == [(False, "access_ended")]


def test_a_known_account_whose_access_comes_back_loses_nothing(client, stripe, known):
    event = genuine(stripe, known)
    stripe.revoked_accounts.add(known)
    assert post_event(client, event).status_code == 503
    stripe.revoked_accounts.clear()
    assert sweep() == "Processed 1 events: 1 done."


def test_an_account_that_left_is_not_waited_for(client, stripe, known):
    stripe.revoked_accounts.add(known)
    gone = build_event(DEAUTHORIZED, {"id": "ca_1", "object": "application"}, account=known)
    assert post_event(client, gone).status_code == 200
    assert post_event(client, forged(known)).status_code == 400
    assert states()[2:] == [(False, "access_ended")]


def test_an_account_that_left_and_came_back_is_waited_for_again(client, stripe, known):
    stripe.revoked_accounts.add(known)
    post_event(client, build_event(DEAUTHORIZED, {"id": "ca_1", "object": "application"}, account=known))
    stripe.revoked_accounts.clear()
    assert post_event(client, genuine(stripe, known)).status_code == 200
    stripe.revoked_accounts.add(known)
    assert post_event(client, forged(known)).status_code == 503
    gone = build_event(DEAUTHORIZED, {"id": "ca_1", "object": "application"}, account=known)
    assert post_event(client, gone).status_code == 200


def test_a_signature_confirms_when_the_account_gives_no_access(client, stripe, settings):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    event = forged("acct_1")
    assert post_event(client, event, secret="whsec_1").status_code == 503
    assert states() == [(None, "no_access")]
    age(days=1)
    assert sweep() == "Processed 1 events: 1 done."
    assert Event.objects.get().notes == ["signature_only"]


# Every undecided row has an end

FAULTS = [
    {"status": 500},
    {"status": 401},
    {"status": 403, "body": PERMISSION},
    {"status": 400, "body": {"error": {"type": "invalid_request_error", "message": "no"}}},
    {"status": 429},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault["status"]))
@pytest.mark.parametrize("secret", ["", "whsec_1"], ids=["unsigned", "signed"])
def test_what_stripe_never_answered_is_decided_when_stripe_would_not_have_it_any_more(
    client, stripe, settings, fault, secret
):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = secret
    stripe.create("customer")
    stripe.fail(times=None, **fault)
    event = {**stripe.events[0], "created": 4_000_000_000}  # What it says of its own age does not matter.
    assert post_event(client, event, secret=secret).status_code == 503
    age(days=29)
    assert sweep() == "Processed 1 events: 1 undecided."
    age(days=1)
    assert sweep() == f"Processed 1 events: 1 {'done' if secret else 'refused'}."
    assert states() == [(True, "") if secret else (False, "too_old")]


def test_what_stripe_signed_and_the_key_does_not_find_ends_as_well(client, stripe, settings):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    future = build_event("customer.created", build_object("customer"), created=4_000_000_000)
    assert post_event(client, future, secret="whsec_1").status_code == 503
    age(days=30)
    assert sweep() == "Processed 1 events: 1 done."
    assert Event.objects.get().notes == ["signature_only"]


def test_an_answer_that_is_no_event_is_waited_for_no_longer(client, stripe):
    stripe.create("customer")
    stripe.fail(status=200, body={"object": "list"}, times=None)
    assert post_event(client, stripe.events[0]).status_code == 503
    assert states() == [(None, "api_error")]
    age(days=30)
    sweep()
    assert states() == [(False, "too_old")]


def test_a_row_that_is_one_too_many_while_stripe_is_asked_is_asked_for_again(client, stripe, monkeypatch):
    def trimmed(posted):
        Event.objects.all().delete()
        return retrieve(posted)

    retrieve = validation.fetch_one
    monkeypatch.setattr(validation, "fetch_one", trimmed)
    for event in (forged("acct_evil"), genuine(stripe, "acct_1")):
        assert post_event(client, event).status_code == 503
    assert states() == []


def test_without_a_key_an_event_ends_as_well(client, stripe, settings):
    settings.PINAX_STRIPE_SECRET_KEY = ""
    assert post_event(client, forged("")).status_code == 503
    age(days=30)
    assert sweep() == "Processed 1 events: 1 refused."


def test_what_came_to_its_end_can_be_pruned(client, stripe, known):
    stripe.fail(times=None)
    for account in ("", known, "acct_evil"):
        assert post_event(client, forged(account)).status_code == 503
    age(days=31)
    sweep()
    call_command("stripe_prune_events")
    assert Event.objects.count() == 1


# Calls


def test_one_answer_decides_about_all_rows_of_an_account(client, stripe, monkeypatch):
    monkeypatch.setattr("pinax.stripe.upkeep.sweeper.BLOCK_ROWS", 7)
    wait(client, stripe, [forged("acct_evil") for _ in range(30)])
    assert sweep() == "Processed 30 events: 30 refused."
    assert len(stripe.requests) == 1
    assert Event.objects.filter(denied_at__isnull=False).count() == 1


def test_one_answer_decides_about_a_few_rows_and_about_known_accounts(client, stripe, known):
    stripe.revoked_accounts.add(known)
    wait(client, stripe, [forged(account) for account in (known, "acct_evil") for _ in range(3)])
    assert sweep() == "Processed 6 events: 3 refused, 3 undecided."
    assert len(stripe.requests) == 2


def test_after_so_many_denials_a_minute_stripe_is_not_asked_about_unknown_accounts(client, stripe, settings, known):
    settings.PINAX_STRIPE_REFUSED_CALLS = 3
    statuses = [post_event(client, forged(f"acct_evil{number}")).status_code for number in range(10)]
    assert statuses == [400] * 3 + [503] * 7
    assert len(stripe.requests) == 3
    assert states()[4:] == [(None, "not_asked")] * 7
    # Others are asked about as ever: the platform's own events, and those of accounts that are known.
    for account in ("", known):
        assert post_event(client, genuine(stripe, account)).status_code == 200
        assert post_event(client, forged(account)).status_code == 400


def test_denials_that_a_clock_ahead_noted_delay_no_event(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 1
    assert post_event(client, forged("acct_evil")).status_code == 400
    age(days=-2)
    assert post_event(client, genuine(stripe, "acct_1")).status_code == 200


def test_what_the_platform_does_not_know_counts_too(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 2
    for _ in range(3):
        assert post_event(client, forged("")).status_code == 400
    assert post_event(client, forged("acct_evil")).status_code == 503
    assert len(stripe.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404])
def test_every_refusal_of_stripe_s_counts(client, stripe, settings, status):
    """Whatever it is that Stripe says to an account, or a context, that it does not know."""
    settings.PINAX_STRIPE_REFUSED_CALLS = 2
    stripe.fail(status=status, times=None)
    for number in range(4):
        post_event(client, forged(f"acct_evil{number}"))
    assert len(stripe.requests) == 2
    assert states()[2:] == [(None, "not_asked")] * 2


def test_what_is_no_answer_counts_for_nothing(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 2
    stripe.fail(status=500, times=None)
    for number in range(4):
        post_event(client, forged(f"acct_evil{number}"))
    assert len(stripe.requests) == 4


def test_signed_posts_count_for_nothing_and_are_held_up_by_nothing(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 1
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    for number in range(3):
        post_event(client, forged(f"acct_{number}"), secret="whsec_1")
    assert len(stripe.requests) == 3
    assert not Event.objects.filter(denied_at__isnull=False).exists()


def test_the_first_genuine_event_of_an_account_is_asked_about_and_never_refused_unasked(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 1
    assert post_event(client, forged("acct_evil")).status_code == 400
    first, second = genuine(stripe, "acct_new"), genuine(stripe, "acct_new")
    assert post_event(client, first).status_code == 503
    assert post_event(client, second).status_code == 503
    age(minutes=1)
    assert sweep() == "Processed 2 events: 2 done."
    assert post_event(client, forged("acct_evil")).status_code == 400
    assert post_event(client, genuine(stripe, "acct_new")).status_code == 200


def test_while_stripe_may_not_be_asked_the_sweeper_leaves_such_events_as_they_are(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 2
    wait(client, stripe, [forged(f"acct_evil{number}") for number in range(9)])
    waiting = list(Event.objects.order_by("pk").values_list("attempts", flat=True))
    assert sweep() == "Processed 2 events: 2 refused."
    assert sweep() == "Nothing to process."
    assert list(Event.objects.undecided().values_list("attempts", flat=True)) == waiting[:7]
    age(minutes=1)
    assert sweep() == "Processed 2 events: 2 refused."


def test_known_accounts_go_first(client, stripe, settings, known):
    settings.PINAX_STRIPE_REFUSED_CALLS = 1
    made_up = [forged(f"acct_evil{number}") for number in range(5)]
    wait(client, stripe, [*made_up, *(genuine(stripe, account) for account in ("", known))])
    assert sweep() == "Processed 3 events: 2 done, 1 refused."


def test_rows_recorded_before_their_account_was_known_are_no_longer_marked(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_CALLS = 1
    event = genuine(stripe, "acct_new")
    wait(client, stripe, [event])
    assert post_event(client, genuine(stripe, "acct_new")).status_code == 200
    assert post_event(client, forged("")).status_code == 400
    assert sweep() == "Processed 1 events: 1 done."


def test_an_event_of_a_catch_up_needs_no_further_confirmation(client, stripe):
    genuine(stripe, "acct_new")
    call_command("stripe_catch_up", "--account", "acct_new")
    row = Event.objects.get()
    assert (row.state, row.account_is_new) == ("done", None)


# Rows


def test_undecided_rows_of_unknown_accounts_are_capped_and_no_others(client, stripe, settings, known):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    kept = [genuine(stripe, known), forged(known), forged("")]
    wait(client, stripe, kept)
    made_up = [forged(f"acct_evil{number}") for number in range(60)]
    wait(client, stripe, made_up)
    rows = Event.objects.filter(account_is_new=True).order_by("pk")
    assert 20 <= rows.count() <= 23
    assert rows.last().stripe_id == made_up[-1]["id"]
    assert Event.objects.filter(stripe_id__in=[event["id"] for event in kept]).count() == 3


def test_the_cap_knows_an_account_that_became_known_meanwhile(client, stripe, settings):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    first = genuine(stripe, "acct_new")
    wait(client, stripe, [first])
    assert post_event(client, genuine(stripe, "acct_new")).status_code == 200
    wait(client, stripe, [forged(f"acct_evil{number}") for number in range(60)])
    assert Event.objects.undecided().filter(stripe_id=first["id"]).exists()


def test_the_oldest_undecided_row_of_an_unknown_account_raises_no_alarm(client, stripe, known):
    wait(client, stripe, [forged(f"acct_evil{number}") for number in range(3)])
    age(hours=2)
    Event.objects.filter(valid=True).update(recorded_at=timezone.now())
    assert worst(health_report(Thresholds.configured())) is Level.OK
    wait(client, stripe, [forged(known)])
    Event.objects.filter(stripe_account=known).update(recorded_at=timezone.now() - datetime.timedelta(hours=2))
    assert worst(health_report(Thresholds.configured())) is Level.CRITICAL


# Deauthorizations that only Stripe's refusal confirms


def departure(account, **fields):
    application = {"id": "ca_1", "object": "application", "name": "posted by a forger", "metadata": {"plan": "gold"}}
    return build_event(DEAUTHORIZED, {**application, **fields}, account=account)


def test_an_account_leaves_once_whatever_is_posted(client, stripe, known):
    stripe.revoked_accounts.add(known)
    statuses = [post_event(client, departure(known)).status_code for _ in range(5)]
    assert statuses == [200] + [400] * 4
    assert states()[1:] == [(True, "")] + [(False, "access_ended")] * 4


def test_nothing_is_passed_on_of_a_departure_but_the_application_s_id(client, stripe, known):
    stripe.revoked_accounts.add(known)
    posted = {**departure(known), "request": {"id": "posted by a forger"}, "more": "posted by a forger"}
    assert post_event(client, posted).status_code == 200
    event = Event.objects.get(kind=DEAUTHORIZED)
    assert event.object == {"id": "ca_1", "object": "application"}
    assert "posted by a forger" not in str(event.message)


@pytest.mark.parametrize("stripe_id", ["cus_1", "ca_<script>", "", None, {"id": "ca_1"}])
def test_nor_an_id_that_is_no_application_s_or_another_object(client, stripe, known, stripe_id):
    """Else a customer could be mirrored that Stripe never confirmed."""
    stripe.revoked_accounts.add(known)
    customer = {"id": stripe_id, "object": "customer", "email": "evil@example.com"}
    assert post_event(client, build_event(DEAUTHORIZED, customer, account=known)).status_code == 200
    event = Event.objects.get(kind=DEAUTHORIZED)
    assert_event(event, object={"object": "application"}, object_type="application", object_id="")
    assert not Customer.all_objects.filter(email="evil@example.com").exists()


def test_an_event_that_a_signature_confirms_is_passed_on_whole(client, stripe, settings, known):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    stripe.revoked_accounts.add(known)
    assert post_event(client, departure(known), secret="whsec_1").status_code == 200
    assert Event.objects.get(kind=DEAUTHORIZED).object["name"] == "posted by a forger"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a database in memory has one connection")
def test_two_departures_at_once_are_one(client, stripe, known, monkeypatch):
    stripe.revoked_accounts.add(known)
    both_judged = threading.Barrier(2)

    def wait_for_both(point):
        if point is Checkpoint.VALIDATING:
            both_judged.wait()

    def post():
        try:
            post_event(Client(), departure(known))
        finally:
            connection.close()

    monkeypatch.setattr(checkpoints, "observers", [wait_for_both])
    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states()[1:], key=str) == [(False, "access_ended"), (True, "")]


# Whose event it is


CONTEXTS = ["acct_1", "acct_1/acct_2", "org_1", "org_1/acct_1", {"account": "acct_1"}]


@pytest.mark.parametrize("validation", ["refetch", "signature"])
@pytest.mark.parametrize("context", CONTEXTS, ids=str)
def test_a_snapshot_that_names_its_account_in_the_context_only_is_refused(
    client, stripe, settings, validation, context, django_assert_max_num_queries
):
    settings.PINAX_STRIPE_VALIDATION, settings.PINAX_STRIPE_WEBHOOK_SECRETS = validation, "whsec_1"
    event = {**genuine(stripe, ""), "context": context}
    with django_assert_max_num_queries(2):
        assert post_event(client, event, secret="whsec_1").status_code == 400
    row = Event.objects.get()
    assert (row.valid, row.reason) == (False, "organization")
    assert "organization" in row.explanation
    assert not Customer.all_objects.exists()
    assert stripe.requests == []


@pytest.mark.parametrize("validation", ["refetch", "signature"])
@pytest.mark.parametrize("context", [*CONTEXTS, None, ""], ids=str)
def test_the_account_of_a_snapshot_counts_whatever_its_context_is(client, stripe, settings, validation, context):
    settings.PINAX_STRIPE_VALIDATION, settings.PINAX_STRIPE_WEBHOOK_SECRETS = validation, "whsec_1"
    stripe.create("customer", id="cus_1", account="acct_9")
    stripe.events[-1]["context"] = context
    assert post_event(client, stripe.events[-1], secret="whsec_1").status_code == 200
    assert Customer.objects.get().pk == "acct_9/cus_1"


def test_two_accounts_are_never_in_one_row(client, stripe, settings):
    settings.PINAX_STRIPE_VALIDATION, settings.PINAX_STRIPE_WEBHOOK_SECRETS = "signature", "whsec_1"
    for account in ("acct_1", "acct_2"):
        for fields in ({"account": account}, {"context": account}, {"user_id": account}):
            event = build_event("plan.created", build_object("plan", id="gold", nickname=account))
            event.pop("account", None)
            post_event(client, {**event, **fields}, secret="whsec_1")
    assert sorted(Plan.objects.values_list("pk", "nickname")) == [("acct_1/gold", "acct_1"), ("acct_2/gold", "acct_2")]
    assert Event.objects.filter(reason="organization").count() == 2


@pytest.mark.parametrize("context", ["org_1", "org_1/acct_1"])
def test_a_thin_event_of_an_organization_says_so(client, stripe, context):
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v1.customer.created",
        "created": "2026-10-01T10:00:00.123Z",
        "livemode": False,
        "context": context,
    }
    assert post_event(client, thin).status_code == 400
    assert states() == [(False, "organization")]


def test_stripe_s_own_copy_may_have_a_context(client, stripe):
    """It was asked for in the name of one account, so it is of that account."""
    for account in ("", "acct_1"):
        posted = dict(genuine(stripe, account))
        stripe.events[-1].pop("account", None)
        stripe.events[-1]["context"] = "acct_1"
        assert post_event(client, posted).status_code == 200
    genuine(stripe, "", created=stripe.now)
    stripe.events[-1]["context"] = "acct_platform"
    call_command("stripe_catch_up")
    assert Event.objects.filter(state="done").count() == 3
    assert sorted(Customer.objects.values_list("stripe_account", flat=True)) == ["", "", "acct_1"]


# Which version


def test_the_version_of_an_event_is_that_of_the_message_that_receivers_read(client, stripe):
    stripe.create("customer", id="cus_1")
    stripe.events[-1]["api_version"] = "2019-03-14"
    seen = []

    def receiver(event, **kwargs):
        seen.append((event.api_version, event.message["api_version"]))

    every_event.connect(receiver, weak=False, dispatch_uid="version")
    try:
        assert post_event(client, {**stripe.events[-1], "api_version": "2026-10-28.endive"}).status_code == 200
    finally:
        every_event.disconnect(dispatch_uid="version")
    assert seen == [("2019-03-14", "2019-03-14")]
    assert Event.objects.get().api_version == "2019-03-14"


def test_until_stripe_gave_its_copy_the_version_is_that_of_the_post(client, stripe):
    stripe.fail(times=None)
    post_event(client, {**genuine(stripe, ""), "api_version": "2026-10-28.endive"})
    assert Event.objects.get().api_version == "2026-10-28.endive"
    stripe.clear_faults()
    stripe.events[-1]["api_version"] = None
    sweep()
    assert Event.objects.get().api_version == ""


def test_a_signature_alone_leaves_the_version_of_the_endpoint(client, stripe, settings):
    settings.PINAX_STRIPE_VALIDATION, settings.PINAX_STRIPE_WEBHOOK_SECRETS = "signature", "whsec_1"
    post_event(client, {**genuine(stripe, ""), "api_version": "2026-10-28.endive"}, secret="whsec_1")
    event = Event.objects.get()
    assert event.api_version == event.message["api_version"] == "2026-10-28.endive"
