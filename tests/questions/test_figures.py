"""What is counted each night for the overview equals what the objects' JSON says."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from pinax.stripe.models import DailyFigure, Subscription
from tests.questions.account import NOW

pytestmark = [pytest.mark.usefixtures("loaded", "clock"), pytest.mark.django_db]


def run():
    out = StringIO()
    call_command("stripe_figures", stdout=out)
    return out.getvalue().splitlines()


def kept(name):
    """The values of a figure, by day and currency."""
    return {(row.day, row.currency): row.value for row in DailyFigure.objects.filter(name=name)}


@pytest.fixture(autouse=True)
def zone(settings):
    settings.TIME_ZONE = "Europe/Berlin"


def test_the_revenue_of_today_is_the_platforms_own(oracle):
    lines = run()
    expected = {currency: values[0] for (account, currency), values in oracle.mrr().items() if not account}
    assert kept("recurring") == {(NOW.date(), currency): amount for currency, amount in expected.items()}
    uncounted = {currency: sum(values[2:]) for (account, currency), values in oracle.mrr().items() if not account}
    assert kept("not_counted") == {(NOW.date(), currency): number for currency, number in uncounted.items()}
    assert len(lines) == 3
    assert all(" a month; not counted: " in line for line in lines)


def test_starts_and_ends_are_those_of_each_day_of_the_projects_zone(oracle):
    run()
    started, ended = kept("started"), kept("ended")
    assert len(started) == len(ended) == 61
    for number in (0, 1, 7, 60):
        day = NOW.date() - datetime.timedelta(days=number)
        midnight = timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
        period = (midnight, midnight + datetime.timedelta(days=1))
        for found, expected in ((started, oracle.started(*period)), (ended, oracle.ended(*period))):
            assert found[day, ""] == len([name for name in expected if not name.startswith("acct_")])
    assert sum(started.values()) > 20


def test_a_second_count_of_a_day_replaces_the_first_and_a_later_one_recounts_the_last_days(monkeypatch):
    run()
    first = kept("recurring")
    Subscription.objects.filter(stripe_account="", currency="usd").update(status="canceled", ended_at=NOW)
    assert len(run()) == 2
    second = kept("recurring")
    assert second.keys() == first.keys()
    assert second[NOW.date(), "usd"] == 0 < first[NOW.date(), "usd"]
    rows = DailyFigure.objects.filter(name="ended")
    old = rows.get(day=NOW.date() - datetime.timedelta(days=30)).counted_at
    tomorrow = NOW + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    run()
    assert rows.get(day=NOW.date() - datetime.timedelta(days=30)).counted_at == old
    assert rows.get(day=NOW.date()).counted_at == tomorrow
    assert len(kept("recurring")) == 6


@pytest.mark.django_db
def test_an_account_without_subscriptions_says_so(loaded):
    Subscription.objects.all().delete()
    assert run() == ["No subscription is paid for."]
