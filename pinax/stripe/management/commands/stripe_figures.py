"""Counts recurring revenue, and keeps it for the admin's overview."""

from decimal import ROUND_HALF_EVEN
from typing import Any

from django.core.management.base import BaseCommand

from ...currencies import format_amount
from ...models.mrr import RecurringRevenue
from ...upkeep.figures import keep_figures


class Command(BaseCommand):
    help = (
        "Count the recurring revenue of your own subscriptions, and how many started and ended, and keep that as the "
        "figures of today: the admin's overview shows them. Run it every night; it reads every subscription."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        revenues = keep_figures()
        for revenue in revenues:
            self.stdout.write(line_of(revenue))
        if not revenues:
            self.stdout.write("No subscription is paid for.")


def line_of(revenue: RecurringRevenue) -> str:
    """The revenue in one currency, and what is not in it."""
    whole = int(revenue.amount.to_integral_value(ROUND_HALF_EVEN))
    text = f"{format_amount(whole, revenue.currency)} a month"
    missing = {"items": revenue.not_counted, "discounts": revenue.unknown_discounts}
    uncounted = ", ".join(f"{number} {name}" for name, number in missing.items() if number)
    return f"{text}; not counted: {uncounted}." if uncounted else f"{text}."
