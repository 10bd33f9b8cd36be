"""Where payment methods, sources and charges have a card, and where others have their digits and their bank."""

from ...models.payment_methods import CardDetails
from ...stripe_values import JsonObject, dig, mapping, text
from ..reader import History, ReadFrom, columns_below

#: Where payment methods, their details in charges, and sources keep a card; other hashes may have a `last4` of no card.
CARD_HASHES = ("card", "card_present", "interac_present", "kr_card", "three_d_secure")


def held_card(data: JsonObject) -> JsonObject:
    """The card in a payment method, in payment method details or in a source; {} when it is something else."""
    cards = (mapping(dig(data, name)) for name in CARD_HASHES)
    return next((card for card in cards if card), {})


def held_means(data: JsonObject) -> tuple[JsonObject, ...]:
    """Where a payment method or a source says what it is: the card in it, and the hash with the name of its type."""
    return held_card(data), mapping(data.get(text(data.get("type"))))


#: Column -> its names in the hashes of types, of which each has one or none.
MEANS_ATTRIBUTES = {
    "last4": ("last4", "iban_last4"),
    "country": ("country",),
    "fingerprint": ("fingerprint",),
    "bank_name": ("bank_name", "bank", "bank_code"),
}


def means_column(names: tuple[str, ...]) -> ReadFrom:
    """Reads a text of the hash of the object's type, by the first of several names that has one."""

    def read(data: JsonObject) -> str:
        found = (text(held.get(name)) for held in held_means(data) for name in names)
        return next(filter(None, found), "")

    return ReadFrom(paths=("type", *CARD_HASHES), read=read)


MEANS: History = {
    **columns_below(CardDetails, held_card, CARD_HASHES),
    **{column: means_column(names) for column, names in MEANS_ATTRIBUTES.items()},
}
