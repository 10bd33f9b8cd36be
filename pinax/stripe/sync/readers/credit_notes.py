"""What older API versions said otherwise of credit notes and their lines."""

from ...stripe_values import JsonObject, dig, integer, reference
from ..reader import History, ReadFrom


def total_of(*names: str) -> ReadFrom:
    """Reads the sum of the amounts in the first of these arrays that has any, in minor units; None without any."""

    def read(data: JsonObject) -> int | None:
        for name in names:
            entries = data.get(name)
            amounts = [integer(dig(entry, "amount")) for entry in entries] if isinstance(entries, list) else []
            known = [amount for amount in amounts if amount is not None]
            if known:
                return integer(sum(known))
        return None

    return ReadFrom(paths=names, read=read)


def refund_ids(data: JsonObject) -> list[str]:
    """Ids of the `refunds`, which name each; until 2025-03-31.basil there was one `refund`."""
    entries = data.get("refunds")
    named = [dig(entry, "refund") for entry in entries] if isinstance(entries, list) else []
    found = map(reference, named or [data.get("refund")])
    return [stripe_id for stripe_id in found if stripe_id is not None]


CREDIT_NOTE: History = {
    "tax": total_of("total_taxes", "tax_amounts"),
    "refund_ids": ReadFrom(paths=("refunds", "refund"), read=refund_ids),
}
CREDIT_NOTE_LINE_ITEM: History = {"tax": total_of("taxes", "tax_amounts")}
