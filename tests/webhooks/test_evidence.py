"""What is kept of what was posted: once, up to a number of rows and of bytes, and pruned in little memory."""

import json
import tracemalloc

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from pinax.stripe.models import Event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep import pruning
from pinax.stripe.webhooks.comparison import MAX_VALUE_LENGTH, MOST
from tests.backlog import wait

pytestmark = pytest.mark.django_db(transaction=True)

KB = 1024


def columns(event):
    """The columns of a row as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pinax_stripe_event WHERE id = %s", [event.pk])
        return dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))


def stored(event):
    """Bytes of a row's texts."""
    values = columns(event).values()
    return sum(
        len(bytes(value, "utf-8") if isinstance(value, str) else value) for value in values if hasattr(value, "__len__")
    )


@pytest.mark.parametrize("kind", ["refused", "undecided", "genuine"])
def test_the_posted_text_is_in_the_row_once_and_read_from_there(client, fake_stripe, kind):
    mark = "x" * 5000
    event = build_event("customer.created", build_object("customer", id="cus_1", description=mark))
    if kind == "genuine":
        fake_stripe.add_event(event)
    if kind == "undecided":
        fake_stripe.fail(times=None)
    post_event(client, event)
    row = Event.objects.get()
    assert row.webhook_message == event == json.loads(bytes(row.body))
    values = columns(row)
    assert bytes(values["body"]) == b""
    texts = [
        value if isinstance(value, str) else bytes(value).decode()
        for value in values.values()
        if hasattr(value, "__len__")
    ]
    assert sum(mark in text for text in texts) == 1


def test_a_row_of_an_earlier_release_has_a_message_of_its_own(client):
    row = Event.objects.create(webhook_message={"id": "evt_1"}, stripe_id="evt_1")
    Event.objects.filter(pk=row.pk).update(body=b'{"id": "evt_2"}')
    assert Event.objects.get().webhook_message == {"id": "evt_1"}
    assert Event.objects.defer("webhook_message", "body").get().webhook_message == {"id": "evt_1"}


@pytest.mark.parametrize("body", [b"no json", b'{"a":' * 200 + b"1" + b"}" * 200, b"[NaN]", b"\xff", b""])
def test_what_is_no_json_has_no_message(client, body):
    post_event(client, body)
    assert Event.objects.get().webhook_message is None


def test_a_body_that_is_cut_has_no_message(client, settings):
    settings.PINAX_STRIPE_MAX_BODY_BYTES = 1024
    post_event(client, b"1" * 2000)
    assert Event.objects.get().webhook_message is None


def test_what_differs_is_not_kept_at_length_a_second_time(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    event = fake_stripe.events[-1]
    hostile = {f"{number:04}{'.' * 50}": "y" * 100 for number in range(1000)} | {"z" * 20_000: {"a": ["w" * 20_000]}}
    forged = {**event, "data": {"object": {**event["data"]["object"], **hostile}}}
    assert post_event(client, forged).status_code == 400
    row = Event.objects.get()
    assert (row.reason, len(row.difference)) == ("content_differs", MOST)
    assert all(len(text) <= MAX_VALUE_LENGTH + 1 for entry in row.difference for text in entry.values())
    assert stored(row) - len(row.body) < 60 * KB


def test_a_long_key_with_much_inside_is_not_repeated_for_each_of_it(client, fake_stripe):
    """A path for each of ten thousand places, each of half a megabyte, would be five gigabytes."""
    fake_stripe.create("customer", id="cus_1")
    event = fake_stripe.events[-1]
    hostile = {"k" * 500_000: {str(number): number for number in range(10_000)}}
    forged = {**event, "data": {"object": {**event["data"]["object"], **hostile}}}
    tracemalloc.start()
    try:
        assert post_event(client, forged).status_code == 400
        assert tracemalloc.get_traced_memory()[1] < 50 * KB * KB
    finally:
        tracemalloc.stop()


# Bytes


def test_refused_posts_are_capped_by_their_bytes_too(client, settings, django_assert_max_num_queries):
    settings.PINAX_STRIPE_REFUSED_BYTES = 100 * KB
    for number in range(60):
        with django_assert_max_num_queries(2):
            post_event(client, str(number).encode() + b"x" * 10 * KB)
    rows = Event.objects.order_by("pk")
    assert 9 <= rows.count() <= 11
    assert bytes(rows.last().body).startswith(b"59")


def test_refused_posts_that_stripe_was_asked_about_are_capped_by_their_bytes_too(client, fake_stripe, settings):
    settings.PINAX_STRIPE_REFUSED_BYTES = 100 * KB
    for number in range(40):
        long = build_object("customer", description="x" * 10 * KB)
        post_event(client, build_event("customer.created", long, id=f"evt_{number}"))
    rows = Event.objects.order_by("pk")
    assert 8 <= rows.count() <= 11
    assert rows.last().stripe_id == "evt_39"


def test_undecided_posts_of_unknown_accounts_are_capped_by_their_bytes_too(client, fake_stripe, settings):
    settings.PINAX_STRIPE_REFUSED_BYTES = 100 * KB
    long = build_object("customer", description="x" * 10 * KB)
    kept = [build_event("customer.created", long) for _ in range(20)]
    made_up = [build_event("customer.created", long, account=f"acct_{number}") for number in range(40)]
    wait(client, fake_stripe, [*kept, *made_up])
    assert Event.objects.filter(stripe_account="").count() == 20
    assert 8 <= Event.objects.exclude(stripe_account="").count() <= 11


def test_one_post_that_is_longer_than_the_cap_is_kept_until_the_next(client, settings):
    settings.PINAX_STRIPE_REFUSED_BYTES = KB
    for _ in range(3):
        post_event(client, b"x" * 5 * KB)
        assert Event.objects.count() == 1


def test_a_length_that_is_only_claimed_does_not_count(client, settings):
    settings.PINAX_STRIPE_MAX_BODY_BYTES = KB
    settings.PINAX_STRIPE_REFUSED_BYTES = 100 * KB
    for _ in range(20):
        post_event(client, b"x" * 100 * KB)
    assert Event.objects.count() == 20


def test_short_posts_cost_what_they_did(client, settings):
    """The cap is enforced with every hundredth row of them, not with each."""
    with CaptureQueriesContext(connection) as queries:
        for number in range(50):
            post_event(client, str(number))
    assert len(queries) <= 51


def plan_of(rows):
    """How PostgreSQL would read rows of a table that is too large to be read through."""
    sql, params = rows.query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        # Without figures of its own PostgreSQL guesses, and not always the same.
        cursor.execute("ANALYZE pinax_stripe_event")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL how it would do it")
def test_the_cap_reads_nothing_but_its_index(client):
    """However large the table is, and whatever else is in it."""
    from pinax.stripe.models.events import REFUSED_UNVERIFIED
    from pinax.stripe.webhooks.refusals import NEW_ACCOUNT, rows_beyond_limits

    done = [Event(stripe_id=f"evt_{number}", valid=True, processed=True) for number in range(2000)]
    refused = [Event(valid=False, reason="not_json") for _ in range(20)]
    waiting = [Event(stripe_id=f"evt_new_{number}", account_is_new=True) for number in range(20)]
    Event.objects.bulk_create([*done, *refused, *waiting])
    for kind, name in ((REFUSED_UNVERIFIED, "worthless"), (NEW_ACCOUNT, "new_account")):
        plan = plan_of(rows_beyond_limits(kind).values("pk")[:1])
        assert f"Scan using pinax_stripe_event_{name}" in plan
        assert "Sort" not in plan


# Pruning


@pytest.mark.parametrize(
    "arguments", [["--state", "refused"], ["--state", "done"], ["--state", "done", "--delete-rows"]]
)
def test_pruning_reads_no_message(client, fake_stripe, arguments, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH_ROWS", 7)
    for _ in range(20):
        post_event(client, b"x" * 200 * KB)
        fake_stripe.create("customer", description="x" * 200 * KB)
    fake_stripe.deliver_to(client)
    tracemalloc.start()
    try:
        with CaptureQueriesContext(connection) as queries:
            call_command("stripe_prune_events", "--older-than", "0", *arguments)
        assert tracemalloc.get_traced_memory()[1] < 2 * KB * KB
    finally:
        tracemalloc.stop()
    read = [query["sql"] for query in queries if query["sql"].lstrip("(").startswith("SELECT")]
    assert read
    assert not any("body" in sql or "_message" in sql for sql in read)
