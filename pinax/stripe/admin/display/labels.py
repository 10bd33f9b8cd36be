"""What Stripe's words for statuses and other values are called by people, in their language.

Each word has a context, because it agrees with what it is said of: in French an invoice is "payée", a charge "réussi".
What is newer than this release is shown as Stripe writes it.
"""

from typing import Any

from django.utils.translation import pgettext_lazy

SUBSCRIPTION = {
    "active": pgettext_lazy("status of a subscription", "active"),
    "canceled": pgettext_lazy("status of a subscription", "canceled"),
    "incomplete": pgettext_lazy("status of a subscription", "incomplete"),
    "incomplete_expired": pgettext_lazy("status of a subscription", "incomplete expired"),
    "past_due": pgettext_lazy("status of a subscription", "past due"),
    "paused": pgettext_lazy("status of a subscription", "paused"),
    "trialing": pgettext_lazy("status of a subscription", "trialing"),
    "unpaid": pgettext_lazy("status of a subscription", "unpaid"),
}
INVOICE = {
    "draft": pgettext_lazy("status of an invoice", "draft"),
    "open": pgettext_lazy("status of an invoice", "open"),
    "paid": pgettext_lazy("status of an invoice", "paid"),
    "uncollectible": pgettext_lazy("status of an invoice", "uncollectible"),
    "void": pgettext_lazy("status of an invoice", "void"),
}
INVOICE_PAYMENT = {
    "canceled": pgettext_lazy("status of a payment towards an invoice", "canceled"),
    "open": pgettext_lazy("status of a payment towards an invoice", "open"),
    "paid": pgettext_lazy("status of a payment towards an invoice", "paid"),
}
#: Of charges, payment intents and refunds.
PAYMENT = {
    "canceled": pgettext_lazy("status of a payment", "canceled"),
    "failed": pgettext_lazy("status of a payment", "failed"),
    "pending": pgettext_lazy("status of a payment", "pending"),
    "processing": pgettext_lazy("status of a payment", "processing"),
    "requires_action": pgettext_lazy("status of a payment", "requires action"),
    "requires_capture": pgettext_lazy("status of a payment", "requires capture"),
    "requires_confirmation": pgettext_lazy("status of a payment", "requires confirmation"),
    "requires_payment_method": pgettext_lazy("status of a payment", "requires payment method"),
    "succeeded": pgettext_lazy("status of a payment", "succeeded"),
}
BANK_ACCOUNT = {
    "errored": pgettext_lazy("status of a bank account", "errored"),
    "new": pgettext_lazy("status of a bank account", "new"),
    "validated": pgettext_lazy("status of a bank account", "validated"),
    "verification_failed": pgettext_lazy("status of a bank account", "verification failed"),
    "verified": pgettext_lazy("status of a bank account", "verified"),
}
SOURCE = {
    "canceled": pgettext_lazy("status of a source", "canceled"),
    "chargeable": pgettext_lazy("status of a source", "chargeable"),
    "consumed": pgettext_lazy("status of a source", "consumed"),
    "failed": pgettext_lazy("status of a source", "failed"),
    "pending": pgettext_lazy("status of a source", "pending"),
}
#: Name of a model -> its statuses.
STATUSES: dict[str, dict[str, Any]] = {
    "bankaccount": BANK_ACCOUNT,
    "charge": PAYMENT,
    "invoice": INVOICE,
    "invoicepayment": INVOICE_PAYMENT,
    "paymentintent": PAYMENT,
    "refund": PAYMENT,
    "source": SOURCE,
    "subscription": SUBSCRIPTION,
}

#: Why something was refunded, or a payment given up.
PAYMENT_REASONS = {
    "abandoned": pgettext_lazy("reason of a refund", "abandoned"),
    "automatic": pgettext_lazy("reason of a refund", "automatic"),
    "duplicate": pgettext_lazy("reason of a refund", "duplicate"),
    "expired_uncaptured_charge": pgettext_lazy("reason of a refund", "expired uncaptured charge"),
    "failed_invoice": pgettext_lazy("reason of a refund", "failed invoice"),
    "fraudulent": pgettext_lazy("reason of a refund", "fraudulent"),
    "requested_by_customer": pgettext_lazy("reason of a refund", "requested by customer"),
    "void_invoice": pgettext_lazy("reason of a refund", "void invoice"),
}
#: Name of a column -> Stripe's words in it.
VALUES: dict[str, dict[str, Any]] = {
    "account_holder_type": {
        "company": pgettext_lazy("account holder", "company"),
        "individual": pgettext_lazy("account holder", "individual"),
    },
    "billing_reason": {
        "automatic_pending_invoice_item_invoice": pgettext_lazy("billing reason", "open items were invoiced"),
        "manual": pgettext_lazy("billing reason", "made by hand"),
        "quote_accept": pgettext_lazy("billing reason", "quote accepted"),
        "subscription": pgettext_lazy("billing reason", "subscription"),
        "subscription_create": pgettext_lazy("billing reason", "start of the subscription"),
        "subscription_cycle": pgettext_lazy("billing reason", "renewal of the subscription"),
        "subscription_threshold": pgettext_lazy("billing reason", "threshold of the subscription"),
        "subscription_update": pgettext_lazy("billing reason", "change of the subscription"),
        "upcoming": pgettext_lazy("billing reason", "upcoming"),
    },
    "billing_scheme": {
        "per_unit": pgettext_lazy("billing scheme", "per unit"),
        "tiered": pgettext_lazy("billing scheme", "in tiers"),
    },
    "cancellation_reason": PAYMENT_REASONS,
    "capture_method": {
        "automatic": pgettext_lazy("capture method", "automatic"),
        "automatic_async": pgettext_lazy("capture method", "automatic, later"),
        "manual": pgettext_lazy("capture method", "by hand"),
    },
    "collection_method": {
        "charge_automatically": pgettext_lazy("collection method", "charged automatically"),
        "send_invoice": pgettext_lazy("collection method", "invoice is sent"),
    },
    "duration": {
        "forever": pgettext_lazy("duration of a coupon", "forever"),
        "once": pgettext_lazy("duration of a coupon", "once"),
        "repeating": pgettext_lazy("duration of a coupon", "several months"),
    },
    "funding": {
        "credit": pgettext_lazy("funding of a card", "credit"),
        "debit": pgettext_lazy("funding of a card", "debit"),
        "prepaid": pgettext_lazy("funding of a card", "prepaid"),
        "unknown": pgettext_lazy("funding of a card", "unknown"),
    },
    "interval": {
        "day": pgettext_lazy("interval of a price", "day"),
        "month": pgettext_lazy("interval of a price", "month"),
        "week": pgettext_lazy("interval of a price", "week"),
        "year": pgettext_lazy("interval of a price", "year"),
    },
    "payment_type": {
        "charge": pgettext_lazy("kind of payment", "charge"),
        "payment_intent": pgettext_lazy("kind of payment", "payment intent"),
        "payment_record": pgettext_lazy("kind of payment", "payment outside of Stripe"),
    },
    "reason": PAYMENT_REASONS,
    "setup_future_usage": {
        "off_session": pgettext_lazy("use of a payment method", "without the customer"),
        "on_session": pgettext_lazy("use of a payment method", "with the customer"),
    },
    "tax_behavior": {
        "exclusive": pgettext_lazy("tax behaviour", "tax comes on top"),
        "inclusive": pgettext_lazy("tax behaviour", "tax included"),
        "unspecified": pgettext_lazy("tax behaviour", "not specified"),
    },
    "tax_exempt": {
        "exempt": pgettext_lazy("tax exemption", "exempt"),
        "none": pgettext_lazy("tax exemption", "none"),
        "reverse": pgettext_lazy("tax exemption", "reverse charge"),
    },
    "tiers_mode": {
        "graduated": pgettext_lazy("tiers mode", "graduated"),
        "volume": pgettext_lazy("tiers mode", "by volume"),
    },
    # Of payment methods and sources most are names, the same in every language.
    "type": {
        "card": pgettext_lazy("type", "card"),
        "good": pgettext_lazy("type", "good"),
        "one_time": pgettext_lazy("type", "once"),
        "recurring": pgettext_lazy("type", "recurring"),
        "service": pgettext_lazy("type", "service"),
    },
    "usage": {
        "reusable": pgettext_lazy("usage of a source", "reusable"),
        "single_use": pgettext_lazy("usage of a source", "once"),
    },
    "usage_type": {
        "licensed": pgettext_lazy("usage type", "by quantity"),
        "metered": pgettext_lazy("usage type", "by usage"),
    },
}


def status_word(model_name: str, status: str) -> Any:
    """The word for a status of such an object, translated when it is shown."""
    return STATUSES.get(model_name, {}).get(status) or status.replace("_", " ")


def value_word(column: str, value: str) -> Any:
    """The word for a value of a column, translated when it is shown; the value itself where there is none."""
    return VALUES.get(column, {}).get(value) or value
