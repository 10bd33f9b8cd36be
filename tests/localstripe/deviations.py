"""Where localstripe shows an object otherwise than in the last event it sent of it: known, and explained."""

import dataclasses
from collections.abc import Iterable

from tests.demo.comparison import Compared
from tests.demo.outcome import Check

#: Where in an object, beginning or whole. localstripe embeds the charge and makes no event of a refund, so only the
#: API shows the refund. Each has to occur: one that does not is out of date.
REFUNDED = tuple(
    f"{place}.{name}"
    for place in ("invoice.charge", "payment_intent.latest_charge", "payment_intent.charges.data.0")
    for name in ("amount_refunded", "refunds")
)
#: The lists that localstripe gives, of those that are below no other object; all others of Stripe's it does not have.
LISTS = frozenset(
    {
        "balance_transactions",
        "charges",
        "coupons",
        "customers",
        "invoiceitems",
        "invoices",
        "payment_intents",
        "payouts",
        "plans",
        "products",
        "refunds",
        "setup_intents",
        "subscriptions",
        "tax_rates",
    }
)


def lists_that_are_missing(given: Iterable[str]) -> Check:
    """A check that localstripe gives these lists, and has no others."""
    given = frozenset(given)
    problems = [f"{name} is not given any more; take it off the list" for name in sorted(LISTS - given)]
    problems += [f"{name} is given now; put it on the list" for name in sorted(given - LISTS)]
    return Check(claim=f"But for {len(LISTS)} lists, localstripe has none of Stripe's.", problems=problems)


def excused(compared: Iterable[Compared]) -> tuple[list[Compared], Check]:
    """The rows without the problems that are known; and a check that each of those still occurs."""
    used: set[str] = set()
    rows = []
    for one in compared:
        places = {problem: known_place(problem) for problem in one.problems}
        used.update(filter(None, places.values()))
        rows.append(
            dataclasses.replace(
                one,
                problems=[problem for problem, place in places.items() if place is None],
                excused="the refund" if any(places.values()) else "",
            )
        )
    unused = [f"{place} did not differ; take it off the list" for place in REFUNDED if place not in used]
    return rows, Check(claim="But for the refund, which localstripe sends no event of.", problems=unused)


def known_place(problem: str) -> str | None:
    """The place that a problem is about, if it is one of the known ones."""
    path = problem.partition(" ")[0] + "."
    return next((place for place in REFUNDED if path.startswith(place + ".")), None)
