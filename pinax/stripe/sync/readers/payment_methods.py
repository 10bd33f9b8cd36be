"""Where payment methods, sources and charges have a card."""

from ...models.payment_methods import CardDetails
from ...stripe_values import JsonObject, dig, mapping
from ..reader import History, columns_below

#: Where payment methods, their details in charges, and sources keep a card; other hashes may have a `last4` of no card.
CARD_HASHES = ("card", "card_present", "interac_present", "three_d_secure")


def held_card(data: JsonObject) -> JsonObject:
    """The card in a payment method, in payment method details or in a source; {} when it is something else."""
    cards = (mapping(dig(data, name)) for name in CARD_HASHES)
    return next((card for card in cards if card), {})


PAYMENT_METHOD: History = columns_below(CardDetails, held_card, CARD_HASHES)
SOURCE: History = columns_below(CardDetails, held_card, CARD_HASHES)
