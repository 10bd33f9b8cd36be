"""The overview: whether events are being lost, how quick it goes, and what the mirror holds."""

import datetime
import itertools
import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.display import durations
from pinax.stripe.admin.overview import assessment
from pinax.stripe.admin.overview.page import Limits, overview
from pinax.stripe.models.events import State
from pinax.stripe.sync.registry import READERS
from pinax.stripe.upkeep.statistics import Counted
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db
URL = reverse("admin:pinax_stripe_event_overview")
NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)
NUMBERS = itertools.count()
STATES = {
    "done": {"valid": True, "processed": True},
    "waiting": {"valid": None},
    "failed": {"valid": True, "failures": 1},
    "refused": {"valid": False, "reason": "not_json", "remote_address": "192.0.2.9"},
}


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    settings.TIME_ZONE = "UTC"
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def ago(**kwargs):
    return NOW - datetime.timedelta(**kwargs)


def record(state="done", *, recorded_at=NOW, **columns):
    columns = {"kind": "invoice.paid", "stripe_id": f"evt_{next(NUMBERS)}", **STATES[state], **columns}
    event = models.Event.objects.create(**columns)
    models.Event.objects.filter(pk=event.pk).update(recorded_at=recorded_at)
    return event


def mirror(model, key, **columns):
    defaults = {"stripe_id": key, "as_of": NOW, "as_of_end": NOW, "created_at": ago(hours=1), "livemode": True}
    return model.all_objects.create(id=key, **{**defaults, **columns})


def figures(client, **query):
    return {figure.name: figure for figure in client.get(URL, query).context["overview"].figures}


def panel(client, title, **query):
    return rows_of(client.get(URL, query).context["overview"], title)


def rows_of(found, title):
    """The rows of a panel; None when there is no such panel."""
    return next((panel.rows for panel in found.panels if str(panel.title) == title), None)


def limited(rf, user, **limits):
    """The overview that staff get who reads no more rows than these."""
    request = rf.get(URL)
    request.user = user
    return overview(request, Limits(**limits))


def test_an_empty_database_has_an_overview(admin_client):
    for window in ("", "day", "week", "month", "nonsense"):
        assert admin_client.get(URL, {"window": window}).status_code == 200
    found = figures(admin_client)
    assert [found[name].value for name in ("Waiting", "Failed", "Last genuine event")] == ["0", "0", "none yet"]
    assert "Oldest undone event" not in found


def test_undone_events_are_shown_with_the_oldest(admin_client):
    record("failed", recorded_at=ago(hours=9), gave_up_at=ago(hours=1))
    failed = record("failed", recorded_at=ago(hours=3))
    record("waiting", recorded_at=ago(minutes=3))
    found = figures(admin_client)
    assert (found["Waiting"].value, found["Waiting"].tone) == ("1", "open")
    assert (found["Failed"].value, found["Failed"].tone, found["Failed"].note) == ("2", "bad", "1 given up")
    oldest = found["Oldest undone event"]
    assert (oldest.value, oldest.tone) == ("3 hours", "bad")
    assert oldest.url == reverse("admin:pinax_stripe_event_change", args=[failed.pk])


def test_the_oldest_event_is_marked_by_the_limit_of_the_setting(admin_client, settings):
    record("waiting", recorded_at=ago(minutes=20))
    assert figures(admin_client)["Oldest undone event"].tone == "bad"
    settings.PINAX_STRIPE_HEALTH_UNDONE_MINUTES = (30, 60)
    assert figures(admin_client)["Oldest undone event"].tone == "open"


def test_the_delay_is_shown(admin_client):
    for seconds in (1, 2, 3, 100):
        record(created_at=ago(seconds=seconds + 5), processed_at=ago(seconds=5))
    figure = figures(admin_client)["From Stripe's clock to done"]
    assert figure.value == "2.0 s"
    assert figure.note == "half of the events; 95 of 100 took up to 1 minute, the longest 1 minute"


def test_what_a_catch_up_found_says_nothing_of_how_quick_events_go(admin_client):
    record(created_at=ago(seconds=7), processed_at=ago(seconds=5))
    record(source="catch_up", created_at=ago(days=9), processed_at=ago(seconds=5))
    figure = figures(admin_client)["From Stripe's clock to done"]
    assert figure.value == "2.0 s"
    assert figure.note == "half of the events; 95 of 100 took up to 2.0 s, the longest 2.0 s"


def test_missing_events_are_shown(admin_client):
    assert figures(admin_client)["Missing events found by the last catch-up"].value == "no catch-up yet"
    models.CatchUp.objects.create(
        since=ago(days=1), until=NOW, cursor=NOW, listed=200, missing=3, finished_at=ago(minutes=7)
    )
    figure = figures(admin_client)["Missing events found by the last catch-up"]
    assert_row(figure, value="3", note="of 200, 7 minutes ago", tone="open")


def test_the_plot_has_a_bar_for_every_hour_and_a_table_that_says_the_same(admin_client):
    for minutes in (5, 10, 70):
        record(recorded_at=ago(minutes=minutes))
    record("failed", recorded_at=ago(hours=30))
    record("refused", recorded_at=ago(minutes=1))
    response = admin_client.get(URL)
    found = response.context["overview"]
    assert [plot.label for plot in found.plots] == ["done: 3", "waiting: 0", "failed: 0", "refused: 1"]
    assert found.plots[0].note == "3, at most 2 an hour"
    assert len(found.plot_table.rows) == 24
    assert found.plot_table.rows[:2] == [["March 4, noon", 2, 0, 0, 1], ["March 4, 11 a.m.", 1, 0, 0, 0]]
    html = response.content.decode()
    assert html.count("<rect") == 3
    heights = re.findall(r'height="([\d.]+)"><title>March 4, (?:noon|11 a\.m\.): \d', html)
    # On one scale: the one refused POST is as high as the one event that is done, half as high as the two.
    assert heights == ["30.0", "60.0", "30.0"]
    assert html.count('role="img" aria-label=') == 4


def test_longer_windows_are_shown_by_days_of_the_reader_s_zone(admin_client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    record("failed", recorded_at=datetime.datetime(2026, 3, 3, 16, tzinfo=datetime.timezone.utc))
    rows = admin_client.get(URL, {"window": "week"}).context["overview"].plot_table.rows
    assert len(rows) == 7
    assert rows[0] == ["March 4", 0, 0, 1, 0]
    assert len(admin_client.get(URL, {"window": "month"}).context["overview"].plot_table.rows) == 30


def test_days_are_whole_when_the_clocks_change(client, admin_user, settings, monkeypatch):
    settings.TIME_ZONE = "Europe/Berlin"
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime(2026, 3, 31, 9, tzinfo=datetime.timezone.utc))
    client.force_login(admin_user)
    record(recorded_at=datetime.datetime(2026, 3, 29, 21, 30, tzinfo=datetime.timezone.utc))
    rows = client.get(URL, {"window": "week"}).context["overview"].plot_table.rows
    assert [row[:2] for row in rows[:4]] == [["March 31", 0], ["March 30", 0], ["March 29", 1], ["March 28", 0]]


def test_a_plot_of_too_many_events_says_from_when_on(rf, admin_user):
    for hours in reversed(range(5)):
        record(recorded_at=ago(hours=hours))
    found = limited(rf, admin_user, plotted_events=2)
    assert found.plotted_from == ago(hours=2)
    html = render_to_string(
        "admin/pinax_stripe/event/overview.html", {"overview": found, "opts": models.Event._meta, "user": admin_user}
    )
    assert "There are too many to count them all" in html


def test_failures_are_reported_by_type_and_receiver(admin_client):
    event = record("failed", kind="charge.failed")
    for _number in range(2):
        row = models.EventProcessingException.objects.create(event=event, data="every_event:shop.mail", message="m")
        models.EventProcessingException.objects.filter(pk=row.pk).update(created_at=ago(minutes=1))
    [[kind, where, count, last]] = panel(admin_client, "Failures by type and receiver")
    assert (kind, where, count, last) == ("charge.failed", "every_event:shop.mail", 2, ago(minutes=1))


def test_refusals_are_reported_by_reason_and_source(admin_client):
    record("refused", recorded_at=ago(minutes=1))
    [[reason, address, count, _last]] = panel(admin_client, "Refused POSTs by reason and source")
    assert (str(reason), address, count) == ("The body is not JSON.", "192.0.2.9", 1)


def test_money_is_paid_charges_minus_refunds_by_currency(admin_client):
    paid = {"paid": True, "currency": "usd", "captured": True}
    mirror(models.Charge, "ch_1", amount=1000, amount_captured=900, **paid)
    mirror(models.Charge, "ch_2", amount=500, **paid)
    mirror(models.Charge, "ch_failed", amount=7777, currency="usd", paid=False)
    mirror(models.Charge, "ch_held", amount=7777, currency="usd", paid=True, captured=False)
    mirror(models.Charge, "ch_old", amount=7777, created_at=ago(days=2), **paid)
    mirror(models.Charge, "ch_yen", amount=5000, **{**paid, "currency": "jpy"})
    mirror(models.Charge, "ch_test", amount=5000, livemode=False, **paid)
    mirror(models.Charge, "acct_1/ch", amount=5000, stripe_account="acct_1", **paid)
    mirror(models.Refund, "re_1", amount=100, currency="usd", status="succeeded")
    mirror(models.Refund, "re_2", amount=100, currency="usd", status="failed")
    assert panel(admin_client, "Money") == [
        ["JPY", "5,000 JPY", "0 JPY", "5,000 JPY", ""],
        ["USD", "14.00 USD", "1.00 USD", "13.00 USD", ""],
        ["USD", "50.00 USD", "0.00 USD", "50.00 USD", "test"],
        ["USD", "50.00 USD", "0.00 USD", "50.00 USD", "connected accounts"],
    ]
    assert panel(admin_client, "Money", window="week")[1][1] == "91.77 USD"


def test_money_that_is_too_much_to_add_up_says_so(rf, admin_user):
    for number in range(4):
        moment = ago(minutes=number + 1)
        mirror(models.Charge, f"ch_{number}", amount=100, currency="usd", paid=True, created_at=moment)
    title = "Money, of the newest payments only: there are too many to add up"
    found = limited(rf, admin_user, payments=2)
    assert rows_of(found, title) == [["USD", "2.00 USD", "0.00 USD", "2.00 USD", ""]]


def test_subscriptions_are_shown_with_their_change(admin_client):
    mirror(models.Subscription, "sub_1", status="active", created_at=ago(days=99))
    mirror(models.Subscription, "sub_2", status="trialing")
    mirror(models.Subscription, "sub_3", status="incomplete_expired")
    mirror(models.Subscription, "sub_4", status="canceled", created_at=ago(days=99), ended_at=ago(hours=2))
    figure = figures(admin_client)["Active subscriptions"]
    assert (figure.value, figure.note) == ("2", "1 started, 1 ended")
    # The list behind the figure has as many rows.
    assert len(admin_client.get(figure.url).context["cl"].result_list) == 2


def test_the_mirror_is_shown_with_its_freshness(admin_client, rf, admin_user):
    mirror(models.Customer, "cus_1")
    mirror(models.Customer, "cus_gone", deleted_at=NOW)
    models.Customer.all_objects.update(synced_at=ago(minutes=5))
    record("waiting", object_type="customer")
    rows = {row[0]: row[1:] for row in panel(admin_client, "The mirror")}
    assert len(rows) == len(READERS)
    customers = next(row for title, row in rows.items() if "Customers" in title)
    assert (customers[0], customers[1]) == ("1", "5 minutes ago")
    assert "1" in customers[2]
    record(object_type="customer", mirrored_at=ago(minutes=2))
    rows = {row[0]: row[1:] for row in rows_of(limited(rf, admin_user, objects=0), "The mirror")}
    customers = next(row for title, row in rows.items() if "Customers" in title)
    assert (customers[0], customers[1]) == ("more than 0", "2 minutes ago")


def test_parts_are_as_fresh_as_the_events_of_their_owner_and_wait_for_none(rf, admin_user):
    record("waiting", object_type="invoice")
    record(object_type="invoice", mirrored_at=ago(minutes=2))
    mirror(models.InvoiceLineItem, "il_1"), mirror(models.Invoice, "in_1")
    rows = {row[0]: row[1:] for row in rows_of(limited(rf, admin_user, objects=0), "The mirror")}
    lines, invoices = (
        next(rows[title] for title in rows if f">{name}<" in title) for name in ("Invoice lines", "Invoices")
    )
    assert (lines[1], lines[2]) == ("2 minutes ago", "0")
    assert invoices[1] == "2 minutes ago"
    assert "1" in invoices[2]


def test_staff_sees_what_they_may_see(client, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    client.force_login(viewer)
    assert client.get(URL).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_event"))
    models.EventProcessingException.objects.create(event=record("failed"), data="mirror", message="m")
    record("refused")
    mirror(models.Charge, "ch_1", amount=1, currency="usd", paid=True)
    response = client.get(URL)
    titles = [str(panel.title) for panel in response.context["overview"].panels]
    assert titles == ["Failures by type and receiver", "Refused POSTs by reason and source"]
    assert "Active subscriptions" not in response.content.decode()


def test_panels_without_rows_are_left_out(admin_client):
    assert [str(panel.title) for panel in admin_client.get(URL).context["overview"].panels] == ["The mirror"]


def test_the_overview_is_linked_where_people_look_for_it(admin_client):
    for address in (reverse("admin:app_list", args=["pinax_stripe"]), reverse("admin:pinax_stripe_event_changelist")):
        assert f'href="{URL}"' in admin_client.get(address).content.decode()


def test_the_overview_costs_the_same_queries_whatever_there_is(admin_client):
    def count():
        with CaptureQueriesContext(connection) as context:
            admin_client.get(URL)
        return sum(query["sql"].startswith("SELECT") for query in context.captured_queries)

    first = count()
    for state in STATES:
        for _number in range(3):
            record(state, object_type="customer", created_at=NOW, processed_at=NOW)
    mirror(models.Charge, "ch_1", amount=1, currency="usd", paid=True)
    # Session and user; what is as of now and where windows begin; what is in them, sums of payments and refunds, active
    # subscriptions, how long processing takes; when small tables were written.
    assert count() == first <= 9


def test_the_overview_needs_nothing_from_elsewhere(admin_client):
    html = admin_client.get(URL).content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "250 ms"), (1.26, "1.3 s"), (61, "1 minute"), (7200, "2 hours"), (3600 * 50, "2 days")],
)
def test_times_are_shown_so_that_people_understand(seconds, text):
    assert durations.lasted(seconds) == text


@pytest.mark.parametrize(
    ("counted", "text"),
    [(Counted(value=1234), "1,234"), (Counted(value=10_000, is_more=True), "more than 10,000")],
)
def test_counts_say_when_they_are_not_the_whole(counted, text):
    assert assessment.count_text(counted) == text


def test_every_state_has_a_plot(admin_client):
    assert len(admin_client.get(URL).context["overview"].plots) == len(State)


# The answer


def answer(client):
    """The tone of the answer, and the tones and beginnings of its sentences."""
    found = client.get(URL).context["overview"].assessment
    return found.tone, [(finding.tone, " ".join(finding.text.split()[:3])) for finding in found.findings]


def caught_up(**columns):
    columns = {"listed": 9, "finished_at": ago(hours=3), **columns}
    return models.CatchUp.objects.create(since=ago(days=1), until=NOW, cursor=NOW, **columns)


def test_when_all_is_well_the_answer_is_no(admin_client):
    record()
    caught_up()
    response = admin_client.get(URL)
    assert answer(admin_client) == ("good", [])
    assert "No. All received events are done" in response.content.decode()


def test_the_answer_names_what_failed_first_and_leads_there(admin_client):
    caught_up(missing=2)
    record("waiting", recorded_at=ago(minutes=2))
    record("failed", recorded_at=ago(hours=3))
    assert answer(admin_client) == (
        "bad",
        [("bad", "1 event failed."), ("open", "1 event waits"), ("open", "The last catch-up")],
    )
    finding = admin_client.get(URL).context["overview"].assessment.findings[0]
    assert finding.url == f"{reverse('admin:pinax_stripe_event_changelist')}?state=failed"
    assert f'{finding.text} <a href="{finding.url}">Show</a>' in admin_client.get(URL).content.decode()


def test_waiting_is_bad_when_it_lasts_longer_than_a_monitor_bears(admin_client, settings):
    caught_up()
    record()
    record("failed", recorded_at=ago(hours=9), gave_up_at=ago(hours=8))
    record("waiting", recorded_at=ago(minutes=20))
    assert ("bad", "1 event has") in answer(admin_client)[1]
    settings.PINAX_STRIPE_HEALTH_UNDONE_MINUTES = (30, 60)
    assert ("open", "1 event waits") in answer(admin_client)[1]


def test_unverified_posts_of_unknown_accounts_are_shown_and_are_no_alarm(admin_client):
    caught_up()
    record()
    for _ in range(2):
        record("waiting", recorded_at=ago(hours=9), stripe_account="acct_x", account_is_new=True)
    assert answer(admin_client) == ("open", [("open", "2 POSTs name")])


def test_the_overview_says_that_no_catch_up_runs(admin_client):
    record()
    assert answer(admin_client) == ("open", [("open", "“stripe_catch_up” did not")])
    caught_up(finished_at=None)
    assert answer(admin_client) == ("open", [("open", "“stripe_catch_up” did not")])
    caught_up(finished_at=ago(days=3))
    assert answer(admin_client) == ("open", [("open", "The last catch-up")])


def test_a_wrong_secret_is_reported_until_something_is_accepted(admin_client):
    caught_up()
    record(recorded_at=ago(hours=2))
    record("refused", reason="signature_mismatch")
    assert answer(admin_client) == ("bad", [("bad", "Every POST of")])
    record()
    assert answer(admin_client) == ("good", [])


def test_silence_is_shown_where_a_monitor_reports_it(admin_client, settings):
    caught_up()
    assert answer(admin_client) == ("open", [("open", "No event from")])
    record(recorded_at=ago(hours=30))
    assert answer(admin_client) == ("good", [])
    settings.PINAX_STRIPE_HEALTH_SILENT_HOURS = (24, None)
    assert answer(admin_client) == ("bad", [("bad", "The last event")])


@pytest.mark.parametrize(
    ("passed", "text"),
    [({"seconds": 59}, "just now"), ({"minutes": 1}, "1 minute ago"), ({"hours": 47}, "47 hours ago")],
)
def test_how_long_ago_is_shown_so_that_people_understand(passed, text):
    assert durations.ago(ago(**passed)) == text
