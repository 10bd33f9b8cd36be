"""What older API versions said otherwise of checkout sessions."""

from ...stripe_values import JsonObject, dig, integer, text
from ..reader import History, ReadFrom


def shown_items(data: JsonObject) -> list[JsonObject]:
    """What was bought, until API version 2020-08-27: `display_items`, which had neither ids nor totals."""
    found = data.get("display_items")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def session_currency(data: JsonObject) -> str:
    """`currency`, until 2020-08-27 that of what was bought."""
    return text(data.get("currency")) or next((text(entry.get("currency")) for entry in shown_items(data)), "")


def session_subtotal(data: JsonObject) -> int | None:
    """`amount_subtotal`, until 2020-08-27 the sum of what was bought; None where an amount of that is missing."""
    own = integer(data.get("amount_subtotal"))
    amounts = [amount_of(entry) for entry in shown_items(data)]
    known = [amount for amount in amounts if amount is not None]
    return own if own is not None or not known or len(known) < len(amounts) else integer(sum(known))


def amount_of(entry: JsonObject) -> int | None:
    """The price of one, for plans in the plan, times how many."""
    amount = next((value for value in map(integer, (entry.get("amount"), dig(entry, "plan", "amount"))) if value), None)
    return None if amount is None else amount * (integer(entry.get("quantity")) or 1)


CHECKOUT_SESSION: History = {
    "currency": ReadFrom(paths=("currency", "display_items"), read=session_currency),
    "amount_subtotal": ReadFrom(paths=("amount_subtotal", "display_items"), read=session_subtotal),
}
