"""Lists find and select by what an index knows, and take up many events at once."""

import itertools
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.events import actions
from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.testing import build_event, build_object, post_event
from tests.benchmarks.tables import fill

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = "/admin/pinax_stripe/event/"
NUMBERS = itertools.count()
STATES = {
    "done": {"valid": True, "processed": True},
    "waiting": {"valid": None},
    "failed": {"valid": True, "failures": 1},
    "refused": {"valid": False, "reason": "not_found"},
}


def record(state="done", **columns):
    columns = {"kind": "invoice.paid", "stripe_id": f"evt_{next(NUMBERS)}", **STATES[state], **columns}
    moment = columns.pop("recorded_at", None)
    event = models.Event.objects.create(**columns)
    if moment:
        models.Event.objects.filter(pk=event.pk).update(recorded_at=moment)
    return event


def customer(key, **columns):
    moment = timezone.now()
    return models.Customer.all_objects.create(id=key, as_of=moment, as_of_end=moment, **columns)


def listed(client, url=EVENTS, **query):
    """The rows a list shows."""
    response = client.get(url, query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_one_word_says_the_state_in_the_same_colour_everywhere(admin_client):
    tones = {"done": "good", "waiting": "open", "failed": "bad", "refused": "quiet"}
    for state in STATES:
        record(state)
    html = admin_client.get(EVENTS).content.decode()
    for event in models.Event.objects.all():
        badge = re.compile(
            rf'<span class="stripe-badge stripe-{tones[event.state]}"><span aria-hidden="true">.</span> '
        )
        assert badge.search(html)
        page = admin_client.get(reverse("admin:pinax_stripe_event_change", args=[event.pk])).content.decode()
        assert badge.search(page)


@pytest.mark.parametrize("state", STATES)
def test_events_are_filtered_by_state(admin_client, state):
    rows = {name: record(name) for name in STATES}
    assert listed(admin_client, state=state) == [rows[state]]


def test_events_that_were_given_up_can_be_found(admin_client):
    record("failed")
    given_up = record("failed", gave_up_at=timezone.now())
    assert listed(admin_client, state="given_up") == [given_up]


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ({"kind": "charge.failed"}, {"kind": "charge.failed"}),
        ({"kind": " charge.failed "}, {"kind": "charge.failed"}),
        ({"account": "acct_1"}, {"stripe_account": "acct_1"}),
        ({"mode": "test"}, {"livemode": False}),
        ({"source": "catch_up"}, {"source": "catch_up"}),
        ({"customer": "cus_9"}, {"customer_id": "cus_9"}),
        ({"customer": "cus_9"}, {"customer_id": "acct_1/cus_9"}),
        ({"q": "cus_9"}, {"customer_id": "acct_1/cus_9"}),
        ({"q": "cus_9"}, {"object_id": "cus_9"}),
        ({"q": "in_9"}, {"object_id": "in_9"}),
        ({"q": " evt_special "}, {"stripe_id": "evt_special"}),
        ({"q": "garbage"}, {"stripe_id": "garbage"}),
        ({"q": "Jenny@example.com"}, {"customer_id": "acct_1/cus_9"}),
        ({"kind": "charge.failed", "state": "failed", "account": "acct_1"}, {"kind": "charge.failed", "failures": 1}),
    ],
)
def test_events_are_found_by_filters_and_search(admin_client, query, columns):
    customer("acct_1/cus_9", stripe_id="cus_9", stripe_account="acct_1", email="jenny@Example.com")
    others = {"livemode": True, "object_id": "x", "customer_id": "cus_x"}
    record(**others)
    state = query.get("state", "done")
    account = query.get("account", "")
    found = record(state, **{**others, "stripe_account": account, **columns})
    record(kind="charge.succeeded", **others)
    assert listed(admin_client, **query) == [found]


def test_a_row_whose_reference_has_not_arrived_is_listed_all_the_same(admin_client):
    event = record(customer_id="cus_later")
    times = {"as_of": timezone.now(), "as_of_end": timezone.now()}
    charge = models.Charge.all_objects.create(id="ch_1", customer_id="cus_later", **times)
    assert listed(admin_client, customer="cus_later") == [event]
    assert listed(admin_client, "/admin/pinax_stripe/charge/", customer="cus_later") == [charge]
    assert "cus_later" in admin_client.get(EVENTS).content.decode()


def test_events_are_filtered_by_days_of_the_reader_s_zone(admin_client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    rows = [record(recorded_at=f"2026-03-0{day}T20:00Z") for day in range(1, 7)]
    assert listed(admin_client, since="2026-03-03", until="2026-03-04") == [rows[2], rows[1]]
    assert listed(admin_client, since="2026-03-06") == [rows[5], rows[4]]
    assert listed(admin_client, until="2026-03-02") == [rows[0]]
    assert listed(admin_client, since="2027-01-01") == []
    assert listed(admin_client, until="2025-01-01") == []


def test_days_hold_although_keys_and_times_are_a_little_out_of_order(admin_client):
    rows = [record(recorded_at=f"2026-03-05T00:00:0{second}Z") for second in (2, 1, 0)]
    late = record(recorded_at="2026-03-04T23:59:59Z")
    with timezone.override("UTC"):
        assert listed(admin_client, since="2026-03-05") == rows[::-1]
        assert listed(admin_client, until="2026-03-04") == [late]


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-31", "9999-12-31", "0001-01-01"])
def test_what_is_no_day_breaks_nothing(admin_client, day):
    record()
    assert admin_client.get(EVENTS, {"since": day, "until": day}).status_code == 200


@pytest.mark.parametrize("name", ["kind", "customer", "account", "since", "q", "state"])
@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\udcff", "%", "'; --", "9" * 5000])
def test_whatever_is_typed_breaks_nothing(admin_client, name, value):
    record()
    query = urlencode({name: value.encode(errors="surrogatepass")})
    assert admin_client.get(f"{EVENTS}?{query}").status_code == 200


def test_a_typed_filter_keeps_what_else_is_chosen_and_suggests_every_type(admin_client):
    html = admin_client.get(EVENTS, {"state": "done", "kind": "charge.failed", "q": "x", "p": "1"}).content.decode()
    [form] = [form for form in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'type="text" name="kind"' in form]
    assert '<input type="hidden" name="state" value="done">' in form
    assert '<input type="hidden" name="q" value="x">' in form
    assert 'name="p"' not in form
    assert all(f'<option value="{kind}"></option>' in html for kind in EVENT_TYPES)
    assert '<a href="?q=x&amp;state=done">Remove</a>' in html


@pytest.mark.parametrize(
    ("url", "query", "key"),
    [
        ("customer", {"q": "CUS_a@example.com"}, "cus_a"),
        ("customer", {"q": "jenny"}, "cus_a"),
        ("customer", {"q": "cus_a"}, "cus_a"),
        ("subscription", {"status": "past_due"}, "sub_a"),
        ("subscription", {"status": "entitled"}, "sub_b"),
        ("subscription", {"customer": "cus_a"}, "sub_a"),
        ("invoice", {"status": "open"}, "in_a"),
        ("invoice", {"customer": "cus_a"}, "in_a"),
        ("invoice", {"subscription": "sub_a"}, "in_a"),
        ("invoice", {"q": "SHOP-1"}, "in_a"),
        ("charge", {"customer": "cus_a"}, "ch_a"),
        ("paymentintent", {"customer": "cus_a"}, "pi_a"),
    ],
)
def test_mirrored_objects_are_found_by_filters_and_search(admin_client, django_user_model, url, query, key):
    times = {"as_of": timezone.now(), "as_of_end": timezone.now()}
    user = django_user_model.objects.create_user("jenny")
    customer("cus_a", stripe_id="cus_a", email="cus_a@Example.com", user=user)
    customer("cus_b", stripe_id="cus_b")
    for name, more in (("a", {"status": "past_due"}), ("b", {"status": "active"})):
        models.Subscription.all_objects.create(
            id=f"sub_{name}", stripe_id=f"sub_{name}", customer_id=f"cus_{name}", **more, **times
        )
    for name, more in (("a", {"status": "open", "number": "SHOP-1"}), ("b", {"status": "paid", "number": "SHOP-2"})):
        models.Invoice.all_objects.create(
            id=f"in_{name}",
            stripe_id=f"in_{name}",
            customer_id=f"cus_{name}",
            subscription_id=f"sub_{name}",
            **more,
            **times,
        )
        models.Charge.all_objects.create(id=f"ch_{name}", stripe_id="ch", customer_id=f"cus_{name}", **times)
        models.PaymentIntent.all_objects.create(id=f"pi_{name}", stripe_id="pi", customer_id=f"cus_{name}", **times)
    assert [row.pk for row in listed(admin_client, f"/admin/pinax_stripe/{url}/", **query)] == [key]


def select(client, action, events, **more):
    """Run a bulk action; its messages."""
    data = {"action": action, "_selected_action": [event.pk for event in events], **more}
    response = client.post(EVENTS, data, follow=True)
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def mixed(client, fake_stripe):
    """A done, an undecided and a refused event that is genuine after all, and garbage."""
    fake_stripe.create("customer", id="cus_1")
    post_event(client, fake_stripe.events[0])
    fake_stripe.fail(status=500, times=None)
    fake_stripe.create("customer", id="cus_2")
    post_event(client, fake_stripe.events[1])
    fake_stripe.clear_faults()
    event = build_event("customer.created", build_object("customer", id="cus_3"))
    post_event(client, event)
    fake_stripe.add_event(event)
    post_event(client, b"garbage")
    return list(models.Event.objects.order_by("pk"))


def states():
    return list(models.Event.objects.order_by("pk").values_list("state", flat=True))


def test_many_events_are_validated_again(admin_client, mixed):
    assert states() == ["done", "waiting", "refused", "refused"]
    messages = select(admin_client, "validate_again", mixed)
    assert messages == ["2 events are done. 2 events were not changed."]
    assert states() == ["done", "done", "done", "refused"]


def test_many_events_are_processed_again(admin_client, mixed):
    messages = select(admin_client, "process_again", mixed, confirmed="1")
    assert messages == ["3 events are done. 1 event was not changed."]
    again = models.EventStep.objects.filter(kind="again").order_by("event_id")
    assert [(step.event_id, step.data["by"]) for step in again] == [(event.pk, "admin") for event in mixed[:3]]


def test_many_events_are_tried_again(admin_client, mixed):
    assert select(admin_client, "try_again", mixed) == ["1 event is done. 3 events were not changed."]
    assert states() == ["done", "done", "refused", "refused"]


def test_many_events_go_to_the_task_queue_where_there_is_one(admin_client, mixed, settings):
    settings.PINAX_STRIPE_DISPATCH = "tests.admin.queue.enqueue"
    from tests.admin.queue import QUEUE

    QUEUE.clear()
    messages = select(admin_client, "validate_again", mixed)
    assert messages == ["2 events are processed in the background. 2 events were not changed."]
    assert [event.pk for event in mixed[1:3]] == QUEUE


def test_one_click_processes_a_limited_number_of_events(admin_client, mixed, monkeypatch):
    from pinax.stripe.admin.events.event_admin import EventAdmin

    monkeypatch.setattr(EventAdmin, "max_action_events", 2)
    messages = select(admin_client, "process_again", mixed[:1], select_across="1", confirmed="1")
    assert messages == [
        "2 events are done.",
        "The action was carried out for the oldest 2 events only. Repeat it for the others.",
    ]
    assert models.EventStep.objects.filter(kind="again").count() == 2


def test_bulk_actions_are_for_staff_with_the_permission(client, mixed, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_event"))
    client.force_login(viewer)
    assert not client.get(EVENTS).context["action_form"]
    select(client, "process_again", mixed)
    assert not models.EventStep.objects.filter(kind="again").exists()
    viewer.user_permissions.add(Permission.objects.get(codename="change_event"))
    assert select(client, "process_again", mixed[:1], confirmed="1") == ["1 event is done."]


def test_what_is_done_is_processed_again_only_after_a_question(admin_client, mixed):
    data = {"action": "process_again", "_selected_action": [event.pk for event in mixed], "select_across": "0"}
    response = admin_client.post(f"{EVENTS}?state=done", data)
    html = response.content.decode()
    assert "1 event is done already." in html
    assert "Emails may be sent twice" in html
    assert not models.EventStep.objects.filter(kind="again").exists()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    sent = {}
    for name, value in hidden:
        if name != "csrfmiddlewaretoken":
            sent.setdefault(name, []).append(value)
    assert sent == {
        "action": ["process_again"],
        "select_across": ["0"],
        "_selected_action": [str(event.pk) for event in mixed],
        "confirmed": ["1"],
    }
    admin_client.post(EVENTS, sent)
    assert states() == ["done", "done", "done", "refused"]


def test_what_is_not_done_is_processed_again_without_a_question(admin_client, mixed):
    assert select(admin_client, "process_again", mixed[1:2]) == ["1 event is done."]


def test_what_stripe_does_not_answer_about_stays_done(admin_client, fake_stripe, mixed):
    fake_stripe.fail(status=500, times=None)
    messages = select(admin_client, "process_again", mixed[:1], confirmed="1")
    assert messages == ["Stripe did not answer about 1 event, which stays done; try again later."]
    assert states()[0] == "done"
    assert models.EventStep.objects.get(kind="again").data == {"by": "admin", "unanswered": True}


def test_the_count_of_a_list_has_an_end(admin_client, monkeypatch):
    from pinax.stripe.admin.base import UncountedPaginator

    monkeypatch.setattr(UncountedPaginator, "max_rows", 3)
    for _number in range(5):
        record()
    with CaptureQueriesContext(connection) as context:
        assert admin_client.get(EVENTS).context["cl"].result_count == 3
    counts = [query["sql"] for query in context.captured_queries if "COUNT(" in query["sql"]]
    assert [("LIMIT 3" in sql, "ORDER BY" in sql) for sql in counts] == [(True, False)]


def test_lists_leave_the_messages_where_they_are(admin_client):
    customer("cus_1")
    record(customer_id="cus_1")
    with CaptureQueriesContext(connection) as context:
        admin_client.get(EVENTS)
    asked = " ".join(query["sql"] for query in context.captured_queries)
    assert "pinax_stripe_customer" in asked
    assert not any(name in asked for name in ("webhook_message", "validated_message", '"body"', "stripe_data"))


def test_an_address_sorts_no_list_by_a_column_without_an_index(admin_client):
    for key, balance, created in (("cus_a", 3, "2026-01-01"), ("cus_b", 1, "2026-01-02"), ("cus_c", 2, "2026-01-03")):
        customer(key, stripe_id=key, name=str(balance), balance=balance, created_at=f"{created}T00:00Z")
    url = "/admin/pinax_stripe/customer/"
    # The first two and the last have one: the address, the name, and the day of creation.
    for column in (2, 3, 4, 9):
        assert [row.pk for row in listed(admin_client, url, o=column)] == ["cus_c", "cus_b", "cus_a"]


def test_the_rows_of_a_customer_are_asked_for_so_that_an_index_has_their_order(admin_client):
    customer("cus_1", stripe_id="cus_1")
    with CaptureQueriesContext(connection) as context:
        admin_client.get("/admin/pinax_stripe/charge/", {"customer": "cus_1"})
    [asked] = [
        query["sql"] for query in context.captured_queries if "ORDER BY" in query["sql"] and "charge" in query["sql"]
    ]
    assert "\"customer_id\" = 'cus_1'" in asked


def test_the_exceptions_of_a_page_bring_their_events_and_no_others(admin_client):
    for _number in range(3):
        models.EventProcessingException.objects.create(event=record("failed"), data="mirror", message="m")
    with CaptureQueriesContext(connection) as context:
        rows = listed(admin_client, "/admin/pinax_stripe/eventprocessingexception/")
        assert {row.event.kind for row in rows} == {"invoice.paid"}
    asked = [query["sql"] for query in context.captured_queries if "pinax_stripe_event" in query["sql"]]
    # How many there are, the exceptions, and the events.
    assert len(asked) == 3
    assert not any("JOIN" in sql for sql in asked)


def test_no_action_takes_longer_than_a_request_may():
    assert actions.SECONDS < 30
    assert actions.MAX_EVENTS <= 1000


#: Address -> what the database reads the rows with, in a table of 60,000 events.
PLANS = {
    "": {"pinax_stripe_event_pkey"},
    "?state=failed": {"pinax_stripe_event_not_done"},
    "?state=waiting": {"pinax_stripe_event_not_done"},
    "?state=refused": {"pinax_stripe_event_not_done"},
    "?kind=no.such.type": {"pinax_stripe_event_kind"},
    "?mode=test": {"pinax_stripe_event_test"},
    "?account=acct_5": {"pinax_stripe_event_account"},
    "?source=catch_up": {"pinax_stripe_event_caught_up"},
    "?customer=cus_77": {"pinax_stripe_event_customer"},
    "?q=evt_777": {"pinax_stripe_event_claim"},
    "?q=in_777": {"pinax_stripe_event_claim", "pinax_stripe_event_object", "pinax_stripe_event_customer"},
    "?since=2020-01-01&until=2020-02-01": set(),
}


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
def test_postgresql_answers_every_filter_and_search_by_an_index(admin_client):
    fill(60_000, tables=(models.Event, models.Customer))
    for query, indexes in PLANS.items():
        used = set()
        with CaptureQueriesContext(connection) as context:
            admin_client.get(EVENTS + query)
        for sql in [query["sql"] for query in context.captured_queries if 'FROM "pinax_stripe_event"' in query["sql"]]:
            used |= check_plan(sql)
        found = {name for index in indexes for name in used if name.startswith(index)}
        assert {index for index in indexes if any(name.startswith(index) for name in found)} == indexes, (query, used)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
def test_postgresql_answers_what_a_customer_s_page_asks_about_events_by_an_index(admin_client):
    fill(60_000, tables=(models.Event, models.Customer))
    with CaptureQueriesContext(connection) as context:
        admin_client.get(reverse("admin:pinax_stripe_customer_change", args=["cus_77"]))
    asked = [query["sql"] for query in context.captured_queries if 'FROM "pinax_stripe_event"' in query["sql"]]
    # What failed and what waits, and the newest.
    assert len(asked) == 2
    assert all(check_plan(sql) for sql in asked)


def check_plan(sql):
    """The indexes a query uses; nothing may read the table from end to end unless it stops at a limit at once."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {sql}")
        plan = [row[0] for row in cursor.fetchall()]
    for number, line in enumerate(plan):
        if "Seq Scan on pinax_stripe_event" in line:
            removed = [int(more.split()[-1]) for more in plan[number:] if "Rows Removed by Filter" in more]
            assert sum(removed[:1]) < 1000, (sql, plan)
    return set(re.findall(r"(?:using|on) (pinax_stripe_event_\w+)", "\n".join(plan)))
