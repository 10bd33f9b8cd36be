"""What older API versions said otherwise of charges and payment intents."""

from ...models.payment_methods import CardDetails, brand_code
from ...stripe_values import JsonObject, flag, items, mapping, reference, text
from ..reader import History, ReadFrom, columns_below
from .payment_methods import held_card

#: Renamed with API version 2019-02-11.
OLD_INTENT_STATUSES = {
    "requires_source": "requires_payment_method",
    "requires_source_action": "requires_action",
}

#: What a charge names as its source -> the type of payment methods that it is.
MEANS_OF_SOURCES = {"account": "stripe_account", "bank_account": "ach_debit"}


def charge_card(data: JsonObject) -> JsonObject:
    """The card of a charge; {} when it was paid by other means.

    `payment_method_details` replaced `source`, which may be a card or hold one, with 2019-05-16; `card` is older.
    """
    source = mapping(data.get("source") or data.get("card"))
    itself = source if source.get("object", "card") == "card" else {}
    return held_card(mapping(data.get("payment_method_details"))) or held_card(source) or itself


#: Where a charge has what it was paid with.
PAID_WITH = ("payment_method_details", "source", "card")
CHARGE_CARD = columns_below(CardDetails, charge_card, PAID_WITH)


def charge_card_brand(data: JsonObject) -> str:
    """The brand as payment methods spell it, which cards do in another way; "" for what has no digits of a card."""
    return brand_code(CHARGE_CARD["brand"](data)) if CHARGE_CARD["last4"](data) else ""


def charge_means(data: JsonObject) -> str:
    """What a charge was paid with, in the words of payment methods.

    `payment_method_details` has had it since 2019-05-16; before, the source is of a type, or an object that is one.
    """
    source = mapping(data.get("source") or data.get("card"))
    kind = text(source.get("object")) or ("card" if source else "")
    of_source = text(source.get("type")) if kind == "source" else MEANS_OF_SOURCES.get(kind, kind)
    return text(mapping(data.get("payment_method_details")).get("type")) or of_source


def charge_disputed(data: JsonObject) -> bool | None:
    """`disputed`; until about 2020 there was the id of the dispute, or null, in `dispute`."""
    if "disputed" in data or "dispute" not in data:
        return flag(data.get("disputed"))
    return bool(data["dispute"])


def intent_status(data: JsonObject) -> str:
    """`status` in today's words."""
    status = text(data.get("status"))
    return OLD_INTENT_STATUSES.get(status, status)


def latest_charge(data: JsonObject) -> str | None:
    """Id of the `latest_charge`; until 2022-11-15 there was a list of `charges`, newest first."""
    charges = items(data.get("charges")) or [{}]
    return reference(data.get("latest_charge") or charges[0])


CHARGE: History = {
    "payment_method_type": ReadFrom(paths=PAID_WITH, read=charge_means),
    "disputed": ReadFrom(paths=("disputed", "dispute"), read=charge_disputed),
    "card_brand": ReadFrom(paths=PAID_WITH, read=charge_card_brand),
    "card_last4": CHARGE_CARD["last4"],
}
PAYMENT_INTENT: History = {
    "status": ReadFrom(paths=("status",), read=intent_status),
    "latest_charge": ReadFrom(paths=("latest_charge", "charges"), read=latest_charge),
}
