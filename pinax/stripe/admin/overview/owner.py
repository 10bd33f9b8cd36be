"""What owners ask, in numbers for the overview: recurring revenue and its change, and what needs a hand."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from ...combined_reads import Reading, Rows, together
from ...models import Dispute, Invoice, Payout, Subscription
from ...models.disputes import OPEN, UNANSWERED
from ...models.figures import DailyFigure
from ...upkeep.statistics import Counted, count_up_to, first
from ..filters import TRIAL_DAYS

#: How many days the plots have.
PLOTTED_DAYS = 30
#: Rows of one kind that are counted, at most: more need no exact number, and each is a look at a row.
MOST_COUNTED = 1_000


@dataclass(frozen=True, kw_only=True)
class Days:
    """The kept figures of the last days."""

    #: Name and currency -> day -> value.
    values: dict[tuple[str, str], dict[datetime.date, Decimal]]
    #: When the newest of them was counted; None when none is kept.
    counted_at: datetime.datetime | None

    @property
    def currencies(self) -> list[str]:
        """Those in which there is recurring revenue, that of most first."""
        found = {currency: days for (name, currency), days in self.values.items() if name == DailyFigure.Name.RECURRING}
        return sorted(found, key=lambda currency: (-found[currency][max(found[currency])], currency))

    def last(self, name: str, currency: str) -> Decimal:
        """The newest value."""
        days = self.values.get((name, currency), {})
        return days[max(days)] if days else Decimal(0)

    def change(self, name: str, currency: str, days: int) -> Decimal | None:
        """The newest value less that of so many days before it; None where none is kept that is as old."""
        found = self.values[name, currency]
        before = [day for day in found if day <= max(found) - datetime.timedelta(days=days)]
        return found[max(found)] - found[max(before)] if before else None


@dataclass(frozen=True, kw_only=True)
class Chased:
    """Invoices that could not be collected, and are still open."""

    number: Counted
    #: What is left to pay of them in each currency; of the platform's own, if there are not too many.
    amounts: list[tuple[str, int]]


def kept_days() -> Reading[Days]:
    """The figures of the last days; one day more than are plotted, and some for nights without a count."""
    since = timezone.localdate() - datetime.timedelta(days=PLOTTED_DAYS + 5)
    figures = DailyFigure.objects.filter(day__gte=since).order_by("day")
    [rows] = yield [Rows(figures.values_list("name", "currency", "day", "value", "counted_at"))]
    values: dict[tuple[str, str], dict[datetime.date, Decimal]] = {}
    for name, currency, day, value, _at in rows:
        values.setdefault((name, currency), {})[day] = value
    return Days(values=values, counted_at=max((row[-1] for row in rows), default=None))


def subscriptions_to_look_at() -> Reading[tuple[Counted, Counted, Counted]]:
    """Past due subscriptions, trials that end soon, and those whose end is decided."""
    subscriptions = Subscription.objects
    found = yield from together(
        count_up_to.reading(subscriptions.past_due(), MOST_COUNTED),
        count_up_to.reading(subscriptions.trials_ending(TRIAL_DAYS), MOST_COUNTED),
        count_up_to.reading(subscriptions.will_cancel(), MOST_COUNTED),
    )
    return found[0], found[1], found[2]


def chased_invoices() -> Reading[Chased]:
    """Open invoices of which an attempt to collect failed."""
    invoices = Invoice.objects.owed().filter(attempt_count__gt=0)
    number = yield from count_up_to.reading(invoices, MOST_COUNTED)
    if number.is_more or not number.value:
        return Chased(number=number, amounts=[])
    sums = invoices.filter(stripe_account="").order_by().values_list("currency").annotate(total=Sum("amount_remaining"))
    [rows] = yield [Rows(sums)]
    return Chased(number=number, amounts=sorted((currency, int(total)) for currency, total in rows))


def disputes() -> Reading[tuple[Counted, Counted]]:
    """Open disputes, and those of them that need a response.

    Each status by itself: an index has the disputes of one in order, so that the count ends where it is high enough.
    """
    found = yield from together(
        *(
            count_up_to.reading(Dispute.objects.filter(status=status), MOST_COUNTED, order="-created_at")
            for status in OPEN
        )
    )
    waiting = [number for status, number in zip(OPEN, found, strict=True) if status in UNANSWERED]
    return sum_up_to(found, MOST_COUNTED), sum_up_to(waiting, MOST_COUNTED)


def sum_up_to(numbers: Iterable[Counted], most: int) -> Counted:
    """Several numbers as one, up to a limit that each of them was counted to."""
    numbers = [*numbers]
    total = sum(number.value for number in numbers)
    return Counted(value=min(total, most), is_more=total > most or any(number.is_more for number in numbers))


def next_payouts() -> Reading[tuple[Payout | None, list[tuple[str, int, int]]]]:
    """The platform's payout that arrives next, and currency, number and amount of all that are under way."""
    own = Payout.objects.under_way().filter(stripe_account="")
    sums = own.order_by().values("currency").annotate(number=Count("pk"), total=Sum("amount"))
    found = yield from together(
        first(own.only("currency", "amount", "arrival_date", "status")),
        rows_of(sums.values_list("currency", "number", "total")),
    )
    return found[0], [(currency, number, int(total or 0)) for currency, number, total in found[1]]


def rows_of(rows: Any) -> Reading[list[Any]]:
    """A reading of a queryset's rows."""
    [found] = yield [Rows(rows)]
    return list(found)
