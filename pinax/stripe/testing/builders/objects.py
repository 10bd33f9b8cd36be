"""Builds Stripe's objects in the shape of the newest API version.

The attributes are those that Stripe documents for each object at https://docs.stripe.com/api, without anything that is
only there when expanded. What a test says wins over every default.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from ...catalogue.objects import OBJECT_TYPES, ObjectType
from ...catalogue.objects import object_type as row_of
from ...stripe_values import JsonObject
from .copies import copied_json
from .ids import new_id
from .lists import with_list_objects

#: Seconds of the month for which plausible subscriptions are billed.
SECONDS_OF_MONTH = 30 * 24 * 60 * 60

EMPTY_ADDRESS: JsonObject = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
NOTHING_DUE: JsonObject = {name: [] for name in ("currently_due", "eventually_due", "past_due", "pending_verification")}


def build_object(object_type: str, **overrides: Any) -> JsonObject:
    """A plausible object of any type; lists of parts (`items`, `lines`) may be given as plain Python lists."""
    row = row_of(object_type)
    given = {name: value for name, value in overrides.items() if name in ("created", "livemode")}
    data: JsonObject = {"id": overrides.get("id") or new_id(object_type), "object": object_type}
    data |= {"created": int(time.time()), "livemode": False, "metadata": {}, **given}
    data |= copied_json(BUILDERS[object_type](data, overrides)) if object_type in BUILDERS else plain_values(row, data)
    if row.created:
        data.setdefault(row.created, data["created"])
    lacking = row.lacks if row.has_id else {"id", *row.lacks}
    data = {name: value for name, value in data.items() if name not in lacking}
    return with_list_objects(data | copied_json(overrides))


def plain_values(row: ObjectType, data: JsonObject) -> JsonObject:
    """What an object of a type without a builder of its own says: what the table knows, and what its columns read."""
    named = (*row.parents, *(name for name in row.list_demands if OBJECT_TYPES.get(name)))
    values = {name: new_id(name) for name in named if name not in row.unnamed}
    if row.new_status:
        values["status"] = row.new_status
    if is_django_ready():
        # Here, because the kit can be imported without Django.
        from .columns import plausible_columns

        values = plausible_columns(row, {**data, **values}) | values
    return values


def is_django_ready() -> bool:
    """Whether this process has models."""
    return "django" in sys.modules and bool(sys.modules["django.apps"].apps.models_ready)


def _customer(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": "jenny@example.com",
        "invoice_prefix": data["id"][-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _payment_method(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": EMPTY_ADDRESS,
            "email": None,
            "name": "Jenny Rosen",
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": "visa",
            "exp_month": 8,
            "exp_year": 2034,
            "fingerprint": "Xt5EWLLDS7FJjR1c",
            "funding": "credit",
            "generated_from": None,
            "last4": "4242",
            "networks": {"available": ["visa"], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "customer": new_id("customer"),
        "customer_account": None,
        "metadata": {},
        "type": "card",
    }


def _card(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        **{f"address_{name}": None for name in ("city", "country", "line1", "line1_check", "line2", "state", "zip")},
        "address_zip_check": None,
        "brand": "Visa",
        "country": "US",
        "customer": None,
        "cvc_check": "pass",
        "dynamic_last4": None,
        "exp_month": 8,
        "exp_year": 2034,
        "fingerprint": "Xt5EWLLDS7FJjR1c",
        "funding": "credit",
        "last4": "4242",
        "metadata": {},
        "name": None,
        "tokenization_method": None,
    }


def _bank_account(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "account_holder_name": "Jane Austen",
        "account_holder_type": "individual",
        "account_type": None,
        "bank_name": "STRIPE TEST BANK",
        "country": "US",
        "currency": "usd",
        "customer": None,
        "fingerprint": "1JWtPxqbdX5Gamtz",
        "last4": "6789",
        "metadata": {},
        "routing_number": "110000000",
        "status": "new",
    }


def _external_account(data: JsonObject, given: JsonObject) -> JsonObject:
    """A bank account that a connected account is paid to."""
    account = {"account": new_id("account"), "default_for_currency": False}
    return {**_bank_account(data, given), **account, "object": "bank_account"}


def _source(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "amount": None,
        "card": {"brand": "Visa", "country": "US", "exp_month": 8, "exp_year": 2034, "funding": "credit"}
        | {"last4": "4242", "three_d_secure": "optional"},
        "client_secret": "src_client_secret_of_a_test",
        "currency": None,
        "flow": "none",
        "metadata": {},
        "owner": {"address": None, "email": None, "name": None, "phone": None},
        "statement_descriptor": None,
        "status": "chargeable",
        "type": "card",
        "usage": "reusable",
    }


def _product(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "active": True,
        "default_price": None,
        "description": None,
        "images": [],
        "marketing_features": [],
        "metadata": {},
        "name": "Gold",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": data["created"],
        "url": None,
    }


def _price(data: JsonObject, given: JsonObject) -> JsonObject:
    recurring = {"interval": "month", "interval_count": 1, "meter": None, "trial_period_days": None}
    amount = given.get("unit_amount", 2000)
    return {
        "active": True,
        "billing_scheme": "per_unit",
        "currency": "usd",
        "custom_unit_amount": None,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("product"),
        "recurring": {**recurring, "usage_type": "licensed"} if given.get("type") != "one_time" else None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": None if amount is None else str(amount),
    }


def _plan(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    return {
        "active": True,
        "amount": amount,
        "amount_decimal": None if amount is None else str(amount),
        "billing_scheme": "per_unit",
        "currency": "usd",
        "interval": "month",
        "interval_count": 1,
        "metadata": {},
        "meter": None,
        "nickname": None,
        "product": new_id("product"),
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _setup_intent(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "application": None,
        "cancellation_reason": None,
        "customer": None,
        "customer_account": None,
        "description": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "mandate": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def _setup_attempt(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "application": None,
        "customer": None,
        "customer_account": None,
        "on_behalf_of": None,
        "payment_method": new_id("payment_method"),
        "payment_method_details": {"card": {"three_d_secure": None}, "type": "card"},
        "setup_error": None,
        "setup_intent": new_id("setup_intent"),
        "status": "succeeded",
        "usage": "off_session",
    }


def _checkout_session(data: JsonObject, given: JsonObject) -> JsonObject:
    status = given.get("status", "open")
    return {
        "amount_subtotal": 2000,
        "amount_total": 2000,
        "cancel_url": None,
        "client_reference_id": None,
        "currency": "usd",
        "customer": None,
        "customer_account": None,
        "customer_details": None,
        "customer_email": None,
        "expires_at": data["created"] + 24 * 60 * 60,
        "invoice": None,
        "metadata": {},
        "mode": "subscription",
        "payment_intent": None,
        "payment_link": None,
        "payment_status": "paid" if status == "complete" else "unpaid",
        "setup_intent": None,
        "status": status,
        "subscription": None,
        "success_url": "https://example.com/thanks",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"https://checkout.stripe.com/c/pay/{data['id']}" if status == "open" else None,
    }


def _coupon(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "amount_off": None,
        "currency": None,
        "duration": "once",
        "duration_in_months": None,
        "max_redemptions": None,
        "metadata": {},
        "name": None,
        "percent_off": 12.5 if given.get("amount_off") is None else None,
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
    }


def _promotion_code(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "active": True,
        "code": "SUMMER20",
        "customer": None,
        "customer_account": None,
        "expires_at": None,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"coupon": new_id("coupon"), "type": "coupon"},
        "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        "times_redeemed": 0,
    }


def _discount(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "checkout_session": None,
        "customer": new_id("customer"),
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": new_id("coupon"), "type": "coupon"},
        "start": data["created"],
        "subscription": None,
        "subscription_item": None,
    }


def _subscription(data: JsonObject, given: JsonObject) -> JsonObject:
    start = data["created"]
    item = {"subscription": data["id"], "created": start, "livemode": data["livemode"]}
    return {
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": start,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "currency": "usd",
        "customer": new_id("customer"),
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": [] if "items" in given else [build_object("subscription_item", **item)],
        "latest_invoice": None,
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": start,
        "status": "active",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
    }


def _subscription_schedule(data: JsonObject, given: JsonObject) -> JsonObject:
    start = data["created"]
    end = start + SECONDS_OF_MONTH
    status = given.get("status", "not_started")
    settings = {"billing_cycle_anchor": "automatic", "collection_method": "charge_automatically"}
    return {
        "application": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "canceled_at": None,
        "completed_at": None,
        "current_phase": {"end_date": end, "start_date": start} if status == "active" else None,
        "customer": new_id("customer"),
        "customer_account": None,
        "default_settings": {**settings, "default_payment_method": None, "description": None},
        "end_behavior": "release",
        "metadata": {},
        "pause_schedules": [],
        "phases": [] if "phases" in given else [schedule_phase(start_date=start, end_date=end)],
        "released_at": None,
        "released_subscription": None,
        "status": status,
        "subscription": None,
        "test_clock": None,
    }


def schedule_phase(**overrides: Any) -> JsonObject:
    """A phase of a schedule, which is a hash of it and has no id."""
    price = new_id("price")
    return {
        "add_invoice_items": [],
        "collection_method": None,
        "currency": "usd",
        "discounts": [],
        "end_date": None,
        "items": [{"discounts": [], "metadata": {}, "plan": price, "price": price, "quantity": 1, "tax_rates": []}],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": None,
        "trial_end": None,
        **overrides,
    }


def _subscription_item(data: JsonObject, given: JsonObject) -> JsonObject:
    price = given.get("price") or build_object("price", created=data["created"], livemode=data["livemode"])
    return {
        "billing_thresholds": None,
        "current_period_end": data["created"] + SECONDS_OF_MONTH,
        "current_period_start": data["created"],
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price) if isinstance(price, dict) else None,
        "price": price,
        "quantity": 1,
        "subscription": new_id("subscription"),
        "tax_rates": [],
    }


def plan_of(price: JsonObject) -> JsonObject:
    """The plan that Stripe shows beside a recurring price, of the same id."""
    recurring = price.get("recurring") or {}
    same = ("active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product")
    terms = ("interval", "interval_count", "usage_type", "trial_period_days")
    values = {name: price[name] for name in same if name in price}
    values |= {name: recurring[name] for name in terms if name in recurring}
    return build_object("plan", **values, id=price.get("id"), amount=price.get("unit_amount"))


def _invoice(data: JsonObject, given: JsonObject) -> JsonObject:
    moment = data["created"]
    subscription = new_id("subscription")
    status = given.get("status", "draft")
    total = given.get("total", 2000)
    line = {"invoice": data["id"], "amount": total, "subtotal": total, "livemode": data["livemode"]}
    nothing_due = status == "paid"
    return {
        "account_country": "US",
        "account_name": "Example",
        "account_tax_ids": None,
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": total if nothing_due else 0,
        "amount_remaining": 0 if nothing_due else total,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": status == "draft",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None}
        | {"status": None},
        "automatically_finalizes_at": None,
        "billing_reason": "subscription_create",
        "collection_method": "charge_automatically",
        "currency": "usd",
        "custom_fields": None,
        "customer": new_id("customer"),
        "customer_account": None,
        "customer_address": None,
        "customer_email": "jenny@example.com",
        "customer_name": None,
        "customer_phone": None,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None if status == "draft" else moment,
        "ending_balance": None if status == "draft" else 0,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": [] if "lines" in given else [build_object("line_item", **line)],
        "metadata": {},
        "next_payment_attempt": None,
        "number": None if status == "draft" else f"{data['id'][-8:].upper()}-0001",
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": subscription},
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": moment,
        "period_start": moment,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None if status == "draft" else moment,
            "marked_uncollectible_at": moment if status == "uncollectible" else None,
            "paid_at": moment if status == "paid" else None,
            "voided_at": moment if status == "void" else None,
        },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": None,
    }


def _invoice_payment(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount_requested", 2000)
    status = given.get("status", "paid")
    return {
        "amount_paid": amount if status == "paid" else None,
        "amount_requested": amount,
        "currency": "usd",
        "invoice": new_id("invoice"),
        "is_default": True,
        "payment": {"payment_intent": new_id("payment_intent"), "type": "payment_intent"},
        "status": status,
        "status_transitions": {
            "canceled_at": data["created"] if status == "canceled" else None,
            "paid_at": data["created"] if status == "paid" else None,
        },
    }


def _line_item(data: JsonObject, given: JsonObject) -> JsonObject:
    start = data["created"]
    amount = given.get("amount", 2000)
    return {
        "amount": amount,
        "currency": "usd",
        "description": "1 x Gold",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": new_id("subscription"),
                "subscription_item": new_id("subscription_item"),
            },
            "type": "subscription_item_details",
        },
        "period": {"end": start + SECONDS_OF_MONTH, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": new_id("price"), "product": new_id("product")},
            "type": "price_details",
            "unit_amount_decimal": str(amount),
        },
        "quantity": 1,
        "subtotal": amount,
        "taxes": [],
    }


def _invoice_item(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    return {
        "amount": amount,
        "currency": "usd",
        "customer": new_id("customer"),
        "customer_account": None,
        "date": data["created"],
        "description": "A set-up fee",
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "metadata": {},
        "net_amount": amount,
        "parent": None,
        "period": {"end": data["created"], "start": data["created"]},
        "pricing": {
            "price_details": {"price": new_id("price"), "product": new_id("product")},
            "type": "price_details",
            "unit_amount_decimal": str(amount),
        },
        "proration": False,
        "proration_details": {"discount_amounts": []},
        "quantity": 1,
        "tax_rates": [],
        "test_clock": None,
    }


def _credit_note(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    line = {"amount": amount, "livemode": data["livemode"]}
    return {
        "amount": amount,
        "amount_shipping": 0,
        "currency": "usd",
        "customer": new_id("customer"),
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": data["created"],
        "invoice": new_id("invoice"),
        "lines": [] if "lines" in given else [build_object("credit_note_line_item", **line)],
        "memo": None,
        "metadata": {},
        "number": f"{data['id'][-8:].upper()}-CN-01",
        "out_of_band_amount": None,
        "pdf": f"https://pay.stripe.com/credit_notes/{data['id']}/pdf",
        "post_payment_amount": 0,
        "pre_payment_amount": amount,
        "pretax_credit_amounts": [],
        "reason": None,
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "total_taxes": [],
        "type": "pre_payment",
        "voided_at": None,
    }


def _credit_note_line_item(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    return {
        "amount": amount,
        "description": "Gold",
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": new_id("line_item"),
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def outcome_of(status: str) -> JsonObject:
    """What the network and Stripe's risk assessment said of a charge by card that has a status."""
    declined = {
        "network_status": "declined_by_network",
        "reason": "generic_decline",
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    authorized = {
        "network_status": "approved_by_network",
        "reason": None,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    return {**(declined if status == "failed" else authorized), "risk_level": "normal"}


def _charge(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    status = given.get("status", "succeeded")
    captured = given.get("captured", status == "succeeded")
    card = _payment_method(data, {})["card"]
    shown = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {
        "amount": amount,
        "amount_captured": amount if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": new_id("balance_transaction") if captured else None,
        "billing_details": {
            "address": EMPTY_ADDRESS,
            "email": None,
            "name": "Jenny Rosen",
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "EXAMPLE",
        "captured": captured,
        "currency": "usd",
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": "card_declined" if status == "failed" else None,
        "failure_message": "Your card was declined." if status == "failed" else None,
        "fraud_details": {},
        "metadata": {},
        "on_behalf_of": None,
        "outcome": outcome_of(status),
        "paid": status == "succeeded",
        "payment_intent": None,
        "payment_method": new_id("payment_method"),
        "payment_method_details": {"card": {name: card[name] for name in shown}, "type": "card"},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _payment_intent(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    status = given.get("status", "requires_payment_method")
    return {
        "amount": amount,
        "amount_capturable": amount if status == "requires_capture" else 0,
        "amount_received": amount if status == "succeeded" else 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": data["created"] if status == "canceled" else None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{data['id']}_secret_of_a_test",
        "confirmation_method": "automatic",
        "currency": "usd",
        "customer": None,
        "customer_account": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _refund(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "amount": 2000,
        "balance_transaction": new_id("balance_transaction"),
        "charge": new_id("charge"),
        "currency": "usd",
        "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _dispute(data: JsonObject, given: JsonObject) -> JsonObject:
    status = given.get("status", "needs_response")
    return {
        "amount": 2000,
        "balance_transactions": [],
        "charge": new_id("charge"),
        "currency": "usd",
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": data["created"] + 14 * 24 * 60 * 60 if status == "needs_response" else None,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "metadata": {},
        "payment_intent": None,
        "reason": "fraudulent",
        "status": status,
    }


def _payout(data: JsonObject, given: JsonObject) -> JsonObject:
    automatic = given.get("automatic", True)
    return {
        "amount": 2000,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": data["created"] + 2 * 24 * 60 * 60,
        "automatic": automatic,
        "balance_transaction": new_id("balance_transaction"),
        "currency": "usd",
        "description": "STRIPE PAYOUT",
        "destination": new_id("bank_account"),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def _balance_transaction(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", 2000)
    fee = given.get("fee", 88)
    return {
        "amount": amount,
        "available_on": data["created"] + 2 * 24 * 60 * 60,
        "balance_type": "payments",
        "currency": "usd",
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {"amount": fee, "application": None, "currency": "usd", "description": "Stripe fees", "type": "stripe_fee"}
        ]
        if fee
        else [],
        "net": amount - fee if isinstance(amount, int) and isinstance(fee, int) else None,
        "reporting_category": given.get("type", "charge"),
        "source": new_id("charge"),
        "status": "pending",
        "type": "charge",
    }


def _topup(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "amount": 2000,
        "balance_transaction": None,
        "currency": "usd",
        "description": None,
        "expected_availability_date": data["created"] + 5 * 24 * 60 * 60,
        "failure_code": None,
        "failure_message": None,
        "metadata": {},
        "source": None,
        "statement_descriptor": None,
        "status": "pending",
        "transfer_group": None,
    }


def _customer_balance_transaction(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("amount", -500)
    return {
        "amount": amount,
        "checkout_session": None,
        "credit_note": None,
        "currency": "usd",
        "customer": new_id("customer"),
        "customer_account": None,
        "description": None,
        "ending_balance": amount,
        "invoice": None,
        "metadata": {},
        "type": "adjustment",
    }


def _balance(data: JsonObject, given: JsonObject) -> JsonObject:
    funds = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
    return {"available": funds, "pending": funds, "connect_reserved": funds}


def _cash_balance(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "available": None,
        "customer": new_id("customer"),
        "customer_account": None,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


def _tax_id(data: JsonObject, given: JsonObject) -> JsonObject:
    customer = given.get("customer", new_id("customer"))
    return {
        "country": "DE",
        "customer": customer,
        "customer_account": None,
        "owner": {"type": "customer", "customer": customer},
        "type": "eu_vat",
        "value": "DE123456789",
        "verification": {"status": "pending", "verified_address": None, "verified_name": None},
    }


def _customer_cash_balance_transaction(data: JsonObject, given: JsonObject) -> JsonObject:
    amount = given.get("net_amount", 2000)
    return {
        "currency": "usd",
        "customer": new_id("customer"),
        "customer_account": None,
        "ending_balance": amount,
        "net_amount": amount,
        "type": "funded",
    }


def _review(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "billing_zip": None,
        "charge": new_id("charge"),
        "closed_reason": None,
        "ip_address": None,
        "ip_address_location": None,
        "open": True,
        "opened_reason": "rule",
        "payment_intent": None,
        "reason": "rule",
        "session": None,
    }


def _account(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "business_profile": {"name": "Example", "url": None},
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "requirements": {**NOTHING_DUE, "current_deadline": None, "disabled_reason": None},
        "type": "standard",
    }


def _person(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "account": new_id("account"),
        "dob": {"day": 1, "month": 1, "year": 1980},
        "email": "jenny@example.com",
        "first_name": "Jenny",
        "id_number_provided": False,
        "last_name": "Rosen",
        "metadata": {},
        "relationship": {
            "authorizer": False,
            "director": False,
            "executive": False,
            "legal_guardian": False,
            "owner": False,
            "percent_ownership": None,
            "representative": True,
            "title": None,
        },
        "requirements": {**NOTHING_DUE},
        "ssn_last_4_provided": False,
        "verification": {"details": None, "details_code": None, "status": "verified"},
    }


def _capability(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "account": new_id("account"),
        "requested": True,
        "requested_at": data["created"],
        "requirements": {**NOTHING_DUE, "current_deadline": None, "disabled_reason": None},
        "status": "active",
    }


def _transfer(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "amount": 2000,
        "amount_reversed": 0,
        "balance_transaction": new_id("balance_transaction"),
        "currency": "usd",
        "description": None,
        "destination": new_id("account"),
        "destination_payment": "py_" + new_id("charge").removeprefix("ch_"),
        "metadata": {},
        "reversals": [],
        "reversed": False,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": None,
    }


def _application_fee(data: JsonObject, given: JsonObject) -> JsonObject:
    return {
        "account": new_id("account"),
        "amount": 200,
        "amount_refunded": 0,
        "application": "ca_" + new_id("account").removeprefix("acct_"),
        "balance_transaction": new_id("balance_transaction"),
        "charge": new_id("charge"),
        "currency": "usd",
        "originating_transaction": None,
        "refunded": False,
        "refunds": [],
    }


#: Object type -> builder of its attributes, from what is fixed (id, created, livemode) and what the caller gave.
BUILDERS: dict[str, Callable[[JsonObject, JsonObject], JsonObject]] = {
    "account": _account,
    "application_fee": _application_fee,
    "balance_transaction": _balance_transaction,
    "bank_account": _bank_account,
    "capability": _capability,
    "card": _card,
    "charge": _charge,
    "checkout.session": _checkout_session,
    "coupon": _coupon,
    "credit_note": _credit_note,
    "credit_note_line_item": _credit_note_line_item,
    "customer": _customer,
    "discount": _discount,
    "customer_balance_transaction": _customer_balance_transaction,
    "balance": _balance,
    "cash_balance": _cash_balance,
    "customer_cash_balance_transaction": _customer_cash_balance_transaction,
    "dispute": _dispute,
    "external_account": _external_account,
    "invoice": _invoice,
    "invoice_payment": _invoice_payment,
    "invoiceitem": _invoice_item,
    "line_item": _line_item,
    "payment_intent": _payment_intent,
    "payment_method": _payment_method,
    "payout": _payout,
    "person": _person,
    "plan": _plan,
    "price": _price,
    "product": _product,
    "promotion_code": _promotion_code,
    "refund": _refund,
    "review": _review,
    "setup_attempt": _setup_attempt,
    "setup_intent": _setup_intent,
    "source": _source,
    "subscription": _subscription,
    "subscription_item": _subscription_item,
    "tax_id": _tax_id,
    "topup": _topup,
    "transfer": _transfer,
    "subscription_schedule": _subscription_schedule,
}
