"""The overview's part for owners: figures that are live, and those that are counted each night."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.overview import owner
from pinax.stripe.models.disputes import OPEN
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db
URL = reverse("admin:pinax_stripe_event_overview")
NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    settings.TIME_ZONE = "UTC"
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def ago(**kwargs):
    return NOW - datetime.timedelta(**kwargs)


def mirror(model, key, **columns):
    defaults = {"stripe_id": key, "as_of": NOW, "as_of_end": NOW, "created_at": ago(days=99), "livemode": True}
    return model.all_objects.create(id=key, **{**defaults, **columns})


def keep(name, value, *, days=0, currency=""):
    day = NOW.date() - datetime.timedelta(days=days)
    at = ago(days=days, hours=3)
    models.DailyFigure.objects.create(day=day, name=name, currency=currency, value=value, counted_at=at)


def business(client, **query):
    return client.get(URL, query).context["overview"].business


def figure(client, name, **query):
    [found] = [figure for figure in business(client, **query).figures if figure.name == name]
    return found


def test_revenue_that_was_never_counted_names_the_command(admin_client):
    assert_row(figure(admin_client, "Recurring revenue a month"), value="not counted yet", note="stripe_figures")
    assert business(admin_client).plots == []
    assert "As of" not in admin_client.get(URL).content.decode()


def test_recurring_revenue_is_shown_with_its_change_in_the_window(admin_client):
    for days, value in ((0, "123456.50"), (1, "123000.00"), (8, "130000.00"), (31, "100000.00")):
        keep("recurring", value, days=days, currency="usd")
    keep("not_counted", 3, currency="usd")
    found = figure(admin_client, "Recurring revenue a month")
    assert_row(found, value="1,234.56 USD", note="+4.56 USD in a day; 3 items are not counted", tone="good")
    found = figure(admin_client, "Recurring revenue a month", window="week")
    assert_row(found, note="-65.44 USD in 7 days; 3 items are not counted", tone="bad")
    found = figure(admin_client, "Recurring revenue a month", window="month")
    assert_row(found, note="+234.56 USD in 30 days; 3 items are not counted")
    assert "As of March 4, 2026, 9:30 a.m.: recurring" in admin_client.get(URL).content.decode()


def test_the_currency_of_most_revenue_comes_first_and_few_are_shown(admin_client):
    for number, currency in enumerate(("usd", "eur", "gbp", "chf", "sek")):
        keep("recurring", 100 + number, currency=currency)
    found = [figure.value for figure in business(admin_client).figures if figure.name == "Recurring revenue a month"]
    assert found == ["1.04 SEK", "1.03 CHF", "1.02 GBP", "1.01 EUR"]


def test_plots_have_a_bar_for_each_day_that_was_counted_and_a_table_that_says_the_same(admin_client):
    for days, value in ((0, 5_000), (1, 4_000), (40, 9_000)):
        keep("recurring", value, days=days, currency="usd")
    keep("started", 3, days=1)
    keep("ended", 1, days=2)
    found = business(admin_client)
    assert [plot.label for plot in found.plots] == [
        "Recurring revenue a month, USD: 50.00 USD",
        "Started subscriptions: 3",
        "Ended subscriptions: 1",
    ]
    assert [plot.svg.count("<rect") for plot in found.plots] == [2, 1, 1]
    assert "<title>March 3: 40.00 USD</title>" in found.plots[0].svg
    assert (found.plots[0].first, found.plots[0].last) == ("February 3", "March 4")
    assert len(found.plot_table.rows) == 30
    assert found.plot_table.rows[:3] == [
        ["March 4", "50.00 USD", "", ""],
        ["March 3", "40.00 USD", "3", ""],
        ["March 2", "", "", "1"],
    ]


def test_subscriptions_that_may_end_soon_are_counted(admin_client):
    mirror(models.Subscription, "sub_1", status="past_due")
    mirror(models.Subscription, "sub_2", status="trialing", trial_end=NOW + datetime.timedelta(days=6))
    mirror(models.Subscription, "sub_3", status="trialing", trial_end=NOW + datetime.timedelta(days=8))
    mirror(models.Subscription, "sub_4", status="active", cancel_at_period_end=True)
    past_due = figure(admin_client, "Past due subscriptions")
    assert_row(past_due, value="1", tone="bad")
    assert len(admin_client.get(past_due.url).context["cl"].result_list) == 1
    trials, ending = (
        figure(admin_client, "Trials that end soon"),
        figure(admin_client, "Subscriptions whose end is decided"),
    )
    assert_row(trials, value="1", note="within 7 days")
    assert ending.value == "1"
    for found, key in ((trials, "sub_2"), (ending, "sub_4")):
        assert [row.pk for row in admin_client.get(found.url).context["cl"].result_list] == [key]


def test_failed_payments_to_chase_are_open_invoices_that_were_tried(admin_client):
    owed = {"status": "open", "attempt_count": 1, "amount_remaining": 1_500}
    mirror(models.Invoice, "in_1", currency="usd", **owed)
    mirror(models.Invoice, "in_2", currency="jpy", **owed)
    mirror(models.Invoice, "acct_1/in_3", stripe_account="acct_1", currency="usd", **owed)
    mirror(models.Invoice, "in_4", currency="usd", **{**owed, "attempt_count": 0})
    mirror(models.Invoice, "in_5", currency="usd", **{**owed, "status": "paid"})
    found = figure(admin_client, "Failed payments to chase")
    assert_row(found, value="3", note="1,500 JPY + 15.00 USD", tone="bad")


def test_open_disputes_say_how_many_need_a_response(admin_client):
    assert_row(figure(admin_client, "Open disputes"), value="0", tone="good", note="")
    mirror(models.Dispute, "dp_1", status="under_review")
    assert_row(figure(admin_client, "Open disputes"), value="1", tone="open", note="")
    mirror(models.Dispute, "dp_2", status="needs_response")
    assert_row(figure(admin_client, "Open disputes"), value="2", tone="bad", note="1 needs a response")


@pytest.mark.parametrize(("most", "number", "waiting"), [(4, "4", "2 need"), (3, "more than 3", "2 need")])
def test_open_disputes_of_all_statuses_are_counted_together(admin_client, monkeypatch, most, number, waiting):
    monkeypatch.setattr(owner, "MOST_COUNTED", most)
    for status in (*OPEN, "won", "lost"):
        mirror(models.Dispute, f"dp_{status}", status=status)
    assert_row(figure(admin_client, "Open disputes"), value=number, tone="bad", note=f"{waiting} a response")


def test_the_next_payout_is_the_platforms_own_that_arrives_first(admin_client):
    assert figure(admin_client, "Next payout").value == "none is under way"
    for number, days in ((1, 5), (2, 2)):
        arrival = NOW + datetime.timedelta(days=days)
        mirror(
            models.Payout, f"po_{number}", status="pending", amount=1_000 * number, currency="usd", arrival_date=arrival
        )
    mirror(models.Payout, "acct_1/po", stripe_account="acct_1", status="pending", amount=7, arrival_date=NOW)
    mirror(models.Payout, "po_paid", status="paid", amount=7, arrival_date=NOW)
    found = figure(admin_client, "Next payout")
    assert_row(found, value="20.00 USD", note="should arrive on March 6, 2026; 30.00 USD under way in all")
    assert admin_client.get(found.url).context["page"].subtitle == "po_2"


@pytest.mark.parametrize(
    ("permission", "seen"),
    [
        ("view_subscription", "Recurring revenue a month"),
        ("view_invoice", "Failed payments to chase"),
        ("view_dispute", "Open disputes"),
        ("view_payout", "Next payout"),
    ],
)
def test_staff_see_the_figures_of_tables_that_they_may_view(client, django_user_model, permission, seen):
    keep("recurring", 100, currency="usd")
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_event"))
    client.force_login(staff)
    assert business(client).figures == []
    assert "<h2>Business</h2>" not in client.get(URL).content.decode()
    staff.user_permissions.add(Permission.objects.get(codename=permission))
    assert business(client).figures[0].name == seen
    assert bool(business(client).plots) is (permission == "view_subscription")
