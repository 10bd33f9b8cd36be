"""What disputes say of the account's balance, in the whole balance transactions that they carry."""

from ...stripe_values import JsonObject, integer, text
from ..reader import History, ReadFrom

TRANSACTIONS = ("balance_transactions",)


def transactions_of(data: JsonObject) -> list[JsonObject]:
    """The balance transactions of a dispute: none while it is an inquiry, one more when the money comes back."""
    found = data.get("balance_transactions")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def total(data: JsonObject, name: str) -> int | None:
    """The sum of an amount of all balance transactions; None without any."""
    amounts = [integer(transaction.get(name)) for transaction in transactions_of(data)]
    known = [amount for amount in amounts if amount is not None]
    return integer(sum(known)) if known else None


def balance_net(data: JsonObject) -> int | None:
    return total(data, "net")


def balance_fee(data: JsonObject) -> int | None:
    return total(data, "fee")


def balance_currency(data: JsonObject) -> str:
    """The currency of the balance, which is another one than that of the charge where Stripe converts."""
    return next(filter(None, (text(each.get("currency")) for each in transactions_of(data))), "")


DISPUTE: History = {
    "balance_net": ReadFrom(paths=TRANSACTIONS, read=balance_net),
    "balance_fee": ReadFrom(paths=TRANSACTIONS, read=balance_fee),
    "balance_currency": ReadFrom(paths=TRANSACTIONS, read=balance_currency),
}
