"""Counts what one event costs, for each kind of delivery: SQL statements, commits, and calls to Stripe.

The statements are those that the connection sends: BEGIN, COMMIT and savepoints included. So a test that counts them
must not run inside a transaction: it takes `django_db(transaction=True)`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import FakeStripe, build_object, post_event

JUNK = b"{"
#: The first word of a statement that writes; a prepared one's name begins with that.
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


class Cost(NamedTuple):
    """What one delivery cost."""

    statements: list[str]
    #: Transactions that wrote, statements outside of one counted as such.
    commits: int
    #: Requests to Stripe's API.
    calls: int
    #: Of the answer.
    status: int


def statements(action: Callable[[], object]) -> list[str]:
    """The SQL statements that a call sends through the default connection, in their order."""
    connection.queries_log.clear()  # It holds 9,000, and counts nothing more when it is full.
    with CaptureQueriesContext(connection) as context:
        action()
    return [query["sql"] for query in context.captured_queries]


def commits(sent: list[str]) -> int:
    """How many transactions of these statements wrote: each of them waits for the disk once."""
    counted, is_open, has_written = 0, False, False
    for statement in sent:
        first = statement.lstrip("( ").partition(" ")[0].upper()
        if first == "BEGIN":
            is_open, has_written = True, False
        elif first in ("COMMIT", "ROLLBACK") and " TO " not in statement:
            counted += has_written and first == "COMMIT"
            is_open, has_written = False, False
        elif first in WRITES or (first == "EXECUTE" and "pinax_stripe_select_" not in statement):
            counted += not is_open
            has_written = True
    return counted


@contextmanager
def receivers(event_type: str, number: int) -> Iterator[None]:
    """So many receivers of a type, which do nothing."""
    signal = WEBHOOK_SIGNALS[event_type]
    # Receivers are held weakly, hence the list.
    connected = [lambda event, **kwargs: None for _ in range(number)]
    for position, receiver in enumerate(connected):
        signal.connect(receiver, dispatch_uid=f"costs-{position}")
    try:
        yield
    finally:
        for position in range(number):
            signal.disconnect(dispatch_uid=f"costs-{position}")


def cost_of_posting(client: Client, stripe: FakeStripe, event: dict[str, Any] | bytes) -> Cost:
    """Post an event, or any body, and count."""
    answers: list[Any] = []
    stripe.reset_requests()
    sent = statements(lambda: answers.append(post_event(client, event)))
    return Cost(sent, commits(sent), stripe.calls(), answers[0].status_code)


def cost_with_receivers(client: Client, stripe: FakeStripe, number: int) -> Cost:
    """A new customer, and so many receivers of it."""
    stripe.create("customer")
    with receivers("customer.created", number):
        return cost_of_posting(client, stripe, stripe.events[-1])


def create_subscription(stripe: FakeStripe, stripe_id: str, sold: dict[str, Any]) -> dict[str, Any]:
    """A new subscription with a list of two items, which show what is sold; its event."""
    items = [build_object("subscription_item", subscription=stripe_id, **sold) for _ in range(2)]
    stripe.create("subscription", id=stripe_id, items=items)
    return stripe.events[-1]


def what_is_sold() -> dict[str, Any]:
    """A price and its plan, as items show them."""
    item = build_object("subscription_item")
    return {name: item[name] for name in ("price", "plan")}


def cost_of_parts(client: Client, stripe: FakeStripe) -> Cost:
    """A new subscription with a list of two items, of a price that another one had."""
    sold = what_is_sold()
    post_event(client, create_subscription(stripe, "sub_before", sold))
    return cost_of_posting(client, stripe, create_subscription(stripe, "sub_costs", sold))


def cost_of_first_price(client: Client, stripe: FakeStripe) -> Cost:
    """A new subscription whose items show a price and a plan that have no rows."""
    return cost_of_posting(client, stripe, create_subscription(stripe, "sub_first", what_is_sold()))


def cost_of_change(client: Client, stripe: FakeStripe) -> Cost:
    """A change of an object that is mirrored."""
    created = stripe.create("customer")
    post_event(client, stripe.events[-1])
    stripe.advance(1)
    stripe.update(created["id"], name="Changed")
    return cost_of_posting(client, stripe, stripe.events[-1])


def cost_of_duplicate(client: Client, stripe: FakeStripe) -> Cost:
    """The same body once more."""
    stripe.create("customer")
    post_event(client, stripe.events[-1])
    return cost_of_posting(client, stripe, stripe.events[-1])


def cost_of_junk(client: Client, stripe: FakeStripe) -> Cost:
    """What is not even JSON. Every so many such rows the oldest are removed, which is never due twice running."""
    return min((cost_of_posting(client, stripe, JUNK) for _ in range(2)), key=lambda cost: len(cost.statements))


#: Kind of delivery -> posts one and counts.
KINDS: dict[str, Callable[[Client, FakeStripe], Cost]] = {
    "no receiver": lambda client, stripe: cost_with_receivers(client, stripe, 0),
    "one receiver": lambda client, stripe: cost_with_receivers(client, stripe, 1),
    "two receivers": lambda client, stripe: cost_with_receivers(client, stripe, 2),
    "a list of parts": cost_of_parts,
    "a price without a row": cost_of_first_price,
    "a change": cost_of_change,
    "a duplicate": cost_of_duplicate,
    "junk": cost_of_junk,
}


def costs(client: Client, stripe: FakeStripe) -> dict[str, Cost]:
    """What each kind of delivery costs in a process that has seen an event before: what is made once is made then."""
    stripe.create("customer")
    assert post_event(client, stripe.events[-1]).status_code == 200
    return {name: count(client, stripe) for name, count in KINDS.items()}
