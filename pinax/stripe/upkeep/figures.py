"""Counts what the overview shows of the business and cannot count each time: it would read every subscription."""

import datetime
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from ..models import Subscription
from ..models.figures import DailyFigure
from ..models.mrr import RecurringRevenue

#: Days of which starts and ends are counted anew: events of the last ones may come late.
RECOUNTED = 7
#: Days that the first count begins before its own.
FIRST = 60


def keep_figures() -> list[RecurringRevenue]:
    """Count the platform's own subscriptions, and keep that as the figures of today; the revenue by currency.

    Revenue is that of now: of days on which nothing was counted there is none. Starts and ends are counted for past
    days, too.
    """
    now = timezone.now()
    own = Subscription.objects.filter(stripe_account="")
    revenues = own.mrr()
    DailyFigure.objects.bulk_create(
        [*of_today(revenues, now), *of_days(own, now)],
        update_conflicts=True,
        unique_fields=["day", "name", "currency"],
        update_fields=["value", "counted_at"],
    )
    return revenues


def of_today(revenues: list[RecurringRevenue], now: datetime.datetime) -> Iterator[DailyFigure]:
    """The recurring revenue of today, and what is not in it; 0 in a currency that had some when it was last counted."""
    today, name = timezone.localdate(now), DailyFigure.Name
    last = DailyFigure.objects.filter(name=name.RECURRING, day__gte=today - datetime.timedelta(days=FIRST))
    gone = {currency for currency in last.values_list("currency", flat=True) if currency}
    for each in revenues:
        gone.discard(each.currency)
        uncounted = Decimal(each.not_counted + each.unknown_discounts)
        for kind, value in ((name.RECURRING, each.amount), (name.NOT_COUNTED, uncounted)):
            yield DailyFigure(day=today, name=kind, currency=each.currency, value=value, counted_at=now)
    for currency in sorted(gone):
        yield DailyFigure(day=today, name=name.RECURRING, currency=currency, value=Decimal(0), counted_at=now)


def of_days(own: Any, now: datetime.datetime) -> Iterator[DailyFigure]:
    """How many subscriptions started and ended on each of the last days."""
    today = timezone.localdate(now)
    is_first = not DailyFigure.objects.filter(name=DailyFigure.Name.STARTED).exists()
    first = today - datetime.timedelta(days=FIRST if is_first else RECOUNTED)
    since = timezone.make_aware(datetime.datetime.combine(first, datetime.time.min))
    counts = {
        DailyFigure.Name.STARTED: by_day(own.started(since), "created_at"),
        DailyFigure.Name.ENDED: by_day(own.ended(since), "ended_at"),
    }
    for number in range((today - first).days + 1):
        day = first + datetime.timedelta(days=number)
        for name, found in counts.items():
            yield DailyFigure(day=day, name=name, value=Decimal(found[day]), counted_at=now)


def by_day(rows: QuerySet[Any], column: str) -> Counter[datetime.date]:
    """How many rows there are of each day of the current time zone."""
    days = rows.order_by().values_list(TruncDate(column)).annotate(number=Count("*"))
    return Counter(dict(days))
