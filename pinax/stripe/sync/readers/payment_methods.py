"""Reads payment methods, cards, bank accounts and sources."""

from typing import Any

from ..values import dig, integer, mapping, natural, reference, text

#: Where payment methods, their details in charges, and sources keep a card; other hashes may have a `last4` of no card.
CARD_HASHES = ("card", "card_present", "interac_present", "three_d_secure")


def held_card(data: Any) -> dict[str, Any]:
    """The card in a payment method, in payment method details or in a source; {} when it is something else."""
    cards = (mapping(dig(data, name)) for name in CARD_HASHES)
    return next((card for card in cards if card), {})


def card_details(card: Any) -> dict[str, Any]:
    """Columns of `CardDetails`, from a card, whether an object or in a hash of something else."""
    card = mapping(card)
    return {
        # `type` held the brand until 2014.
        "brand": text(card.get("brand")) or text(card.get("type")),
        "last4": text(card.get("last4")),
        "exp_month": natural(card.get("exp_month"), most=12),
        "exp_year": natural(card.get("exp_year"), most=9999),
        "funding": text(card.get("funding")),
        "country": text(card.get("country")),
        "fingerprint": text(card.get("fingerprint")),
    }


def payment_method_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a payment method (https://docs.stripe.com/api/payment_methods/object)."""
    return {
        **card_details(held_card(data)),
        "customer_id": reference(data.get("customer")),
        "type": text(data.get("type")),
        "billing_name": text(dig(data, "billing_details", "name")),
        "billing_email": text(dig(data, "billing_details", "email")),
    }


def card_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a card (https://docs.stripe.com/api/cards/object)."""
    return {
        **card_details(data),
        "customer_id": reference(data.get("customer")),
        "name": text(data.get("name")),
    }


def bank_account_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a bank account (https://docs.stripe.com/api/customer_bank_accounts/object)."""
    return {
        "customer_id": reference(data.get("customer")),
        "account_holder_name": text(data.get("account_holder_name")),
        "account_holder_type": text(data.get("account_holder_type")),
        "bank_name": text(data.get("bank_name")),
        "country": text(data.get("country")),
        "currency": text(data.get("currency")),
        "last4": text(data.get("last4")),
        "routing_number": text(data.get("routing_number")),
        "fingerprint": text(data.get("fingerprint")),
        "status": text(data.get("status")),
    }


def source_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a source (https://docs.stripe.com/api/sources/object)."""
    return {
        **card_details(held_card(data)),
        "customer_id": reference(data.get("customer")),
        "type": text(data.get("type")),
        "status": text(data.get("status")),
        "usage": text(data.get("usage")),
        "flow": text(data.get("flow")),
        "amount": integer(data.get("amount")),
        "currency": text(data.get("currency")),
    }
