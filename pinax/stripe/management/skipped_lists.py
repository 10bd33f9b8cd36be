"""How commands name the lists that Stripe does not give to a key or an account."""

from collections.abc import Iterable

from ..catalogue.lists import StripeList


def skipped_line(listed: StripeList, account: str, words: str) -> str:
    """A line about one list, with Stripe's words; `account` is a connected one, or ""."""
    return f"  {listed.types} (/v1/{listed.name}{f' of {account}' if account else ''}): {words}"


def skipped_text(lines: Iterable[str]) -> str:
    """What a command says of all of them."""
    return "Stripe does not give these lists:\n" + "\n".join(lines)
