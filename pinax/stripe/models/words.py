"""What people call the words that Stripe chooses for statuses and other values, in their language.

Each table is for the columns that name it (`words`). Each word has a context, because it agrees with what it is said
of: in French an invoice is "payée", a charge "réussi".
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import pgettext_lazy

#: Stripe's words for statuses -> the tone in which pages show them; the words mean the same of all types of objects.
TONES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("active", "available", "chargeable", "paid", "succeeded", "trialing", "verified"), "good"),
        "won": "good",
        **dict.fromkeys(("in_transit", "incomplete", "new", "open", "pending", "processing", "validated"), "open"),
        **dict.fromkeys(("requires_action", "requires_capture"), "open"),
        **dict.fromkeys(("requires_confirmation", "requires_payment_method"), "open"),
        **dict.fromkeys(("appeal_needs_response", "appeal_under_review", "needs_response", "under_review"), "open"),
        **dict.fromkeys(("warning_needs_response", "warning_under_review"), "open"),
        **dict.fromkeys(
            ("errored", "failed", "lost", "past_due", "uncollectible", "unpaid", "verification_failed"), "bad"
        ),
    }
)

SUBSCRIPTION_STATUSES = {
    "active": pgettext_lazy("status of a subscription", "active"),
    "trialing": pgettext_lazy("status of a subscription", "trialing"),
    "past_due": pgettext_lazy("status of a subscription", "past due"),
    "unpaid": pgettext_lazy("status of a subscription", "unpaid"),
    "incomplete": pgettext_lazy("status of a subscription", "incomplete"),
    "incomplete_expired": pgettext_lazy("status of a subscription", "incomplete expired"),
    "paused": pgettext_lazy("status of a subscription", "paused"),
    "canceled": pgettext_lazy("status of a subscription", "canceled"),
}
INVOICE_STATUSES = {
    "draft": pgettext_lazy("status of an invoice", "draft"),
    "open": pgettext_lazy("status of an invoice", "open"),
    "paid": pgettext_lazy("status of an invoice", "paid"),
    "uncollectible": pgettext_lazy("status of an invoice", "uncollectible"),
    "void": pgettext_lazy("status of an invoice", "void"),
}
CREDIT_NOTE_STATUSES = {
    "issued": pgettext_lazy("status of a credit note", "issued"),
    "void": pgettext_lazy("status of a credit note", "void"),
}
CREDIT_NOTE_TYPES = {
    "mixed": pgettext_lazy("type of a credit note", "before and after payment"),
    "post_payment": pgettext_lazy("type of a credit note", "after payment"),
    "pre_payment": pgettext_lazy("type of a credit note", "before payment"),
}
CREDIT_NOTE_REASONS = {
    "duplicate": pgettext_lazy("reason of a credit note", "duplicate"),
    "fraudulent": pgettext_lazy("reason of a credit note", "fraudulent"),
    "order_change": pgettext_lazy("reason of a credit note", "the order changed"),
    "product_unsatisfactory": pgettext_lazy("reason of a credit note", "the product did not satisfy"),
}
CREDIT_NOTE_LINE_TYPES = {
    "custom_line_item": pgettext_lazy("type of a credit note line", "of its own"),
    "invoice_line_item": pgettext_lazy("type of a credit note line", "line of the invoice"),
}
INVOICE_PAYMENT_STATUSES = {
    "canceled": pgettext_lazy("status of a payment towards an invoice", "canceled"),
    "open": pgettext_lazy("status of a payment towards an invoice", "open"),
    "paid": pgettext_lazy("status of a payment towards an invoice", "paid"),
}
#: Of charges, payment intents and refunds.
PAYMENT_STATUSES = {
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
BANK_ACCOUNT_STATUSES = {
    "errored": pgettext_lazy("status of a bank account", "errored"),
    "new": pgettext_lazy("status of a bank account", "new"),
    "tokenized_account_number_deactivated": pgettext_lazy("status of a bank account", "account number deactivated"),
    "validated": pgettext_lazy("status of a bank account", "validated"),
    "verification_failed": pgettext_lazy("status of a bank account", "verification failed"),
    "verified": pgettext_lazy("status of a bank account", "verified"),
}
EXTERNAL_ACCOUNT_TYPES = {
    "bank_account": pgettext_lazy("type of a payout destination", "bank account"),
    "card": pgettext_lazy("type of a payout destination", "debit card"),
}
SOURCE_STATUSES = {
    "canceled": pgettext_lazy("status of a source", "canceled"),
    "chargeable": pgettext_lazy("status of a source", "chargeable"),
    "consumed": pgettext_lazy("status of a source", "consumed"),
    "failed": pgettext_lazy("status of a source", "failed"),
    "pending": pgettext_lazy("status of a source", "pending"),
}
#: Why something was refunded, or a payment given up.
PAYMENT_REASONS = {
    "abandoned": pgettext_lazy("reason of a refund", "abandoned"),
    "automatic": pgettext_lazy("reason of a refund", "automatic"),
    "duplicate": pgettext_lazy("reason of a refund", "duplicate"),
    "expired": pgettext_lazy("reason of a refund", "expired"),
    "expired_uncaptured_charge": pgettext_lazy("reason of a refund", "expired uncaptured charge"),
    "failed_invoice": pgettext_lazy("reason of a refund", "failed invoice"),
    "fraudulent": pgettext_lazy("reason of a refund", "fraudulent"),
    "requested_by_customer": pgettext_lazy("reason of a refund", "requested by customer"),
    "void_invoice": pgettext_lazy("reason of a refund", "void invoice"),
}
OUTCOMES = {
    "authorized": pgettext_lazy("outcome of a charge", "authorized"),
    "blocked": pgettext_lazy("outcome of a charge", "blocked by Stripe"),
    "invalid": pgettext_lazy("outcome of a charge", "invalid"),
    "issuer_declined": pgettext_lazy("outcome of a charge", "declined by the bank"),
    "manual_review": pgettext_lazy("outcome of a charge", "authorized, in review"),
}
RISK_LEVELS = {
    "elevated": pgettext_lazy("risk of a charge", "elevated"),
    "highest": pgettext_lazy("risk of a charge", "highest"),
    "normal": pgettext_lazy("risk of a charge", "normal"),
    "not_assessed": pgettext_lazy("risk of a charge", "not assessed"),
    "unknown": pgettext_lazy("risk of a charge", "unknown"),
}
DISPUTE_STATUSES = {
    "appeal_needs_response": pgettext_lazy("status of a dispute", "lost, appeal possible"),
    "appeal_under_review": pgettext_lazy("status of a dispute", "appeal under review"),
    #: Of old API versions.
    "charge_refunded": pgettext_lazy("status of a dispute", "charge refunded"),
    "lost": pgettext_lazy("status of a dispute", "lost"),
    "needs_response": pgettext_lazy("status of a dispute", "needs response"),
    "prevented": pgettext_lazy("status of a dispute", "prevented"),
    "under_review": pgettext_lazy("status of a dispute", "under review"),
    "warning_closed": pgettext_lazy("status of a dispute", "inquiry closed"),
    "warning_needs_response": pgettext_lazy("status of a dispute", "inquiry needs response"),
    "warning_under_review": pgettext_lazy("status of a dispute", "inquiry under review"),
    "won": pgettext_lazy("status of a dispute", "won"),
}
#: What the bank says (https://docs.stripe.com/disputes/categories).
DISPUTE_REASONS = {
    "bank_cannot_process": pgettext_lazy("reason of a dispute", "bank cannot process the payment"),
    "check_returned": pgettext_lazy("reason of a dispute", "check returned"),
    "credit_not_processed": pgettext_lazy("reason of a dispute", "refund not received"),
    "customer_initiated": pgettext_lazy("reason of a dispute", "customer disagrees"),
    "debit_not_authorized": pgettext_lazy("reason of a dispute", "debit not authorized"),
    "duplicate": pgettext_lazy("reason of a dispute", "paid twice"),
    "fraudulent": pgettext_lazy("reason of a dispute", "fraud"),
    "general": pgettext_lazy("reason of a dispute", "none given"),
    "incorrect_account_details": pgettext_lazy("reason of a dispute", "wrong account details"),
    "insufficient_funds": pgettext_lazy("reason of a dispute", "insufficient funds"),
    "noncompliant": pgettext_lazy("reason of a dispute", "against the rules of the network"),
    "product_not_received": pgettext_lazy("reason of a dispute", "product not received"),
    "product_unacceptable": pgettext_lazy("reason of a dispute", "product defective or not as described"),
    "subscription_canceled": pgettext_lazy("reason of a dispute", "charged after the subscription was canceled"),
    "unrecognized": pgettext_lazy("reason of a dispute", "payment not recognized"),
}
PAYOUT_STATUSES = {
    "canceled": pgettext_lazy("status of a payout", "canceled"),
    "failed": pgettext_lazy("status of a payout", "failed"),
    "in_transit": pgettext_lazy("status of a payout", "on its way"),
    "paid": pgettext_lazy("status of a payout", "paid"),
    "pending": pgettext_lazy("status of a payout", "pending"),
}
RECONCILIATION_STATUSES = {
    "completed": pgettext_lazy("reconciliation of a payout", "completed"),
    "in_progress": pgettext_lazy("reconciliation of a payout", "in progress"),
    "not_applicable": pgettext_lazy("reconciliation of a payout", "does not apply"),
}
PAYOUT_METHODS = {
    "instant": pgettext_lazy("method of a payout", "instant"),
    "standard": pgettext_lazy("method of a payout", "standard"),
}
BALANCE_TRANSACTION_STATUSES = {
    "available": pgettext_lazy("status of a balance transaction", "available"),
    "pending": pgettext_lazy("status of a balance transaction", "pending"),
}
BALANCE_TRANSACTION_TYPES = {
    "adjustment": pgettext_lazy("type of a balance transaction", "adjustment"),
    "advance": pgettext_lazy("type of a balance transaction", "advance"),
    "advance_funding": pgettext_lazy("type of a balance transaction", "funding of an advance"),
    "anticipation_repayment": pgettext_lazy("type of a balance transaction", "repayment of an anticipation"),
    "application_fee": pgettext_lazy("type of a balance transaction", "application fee"),
    "application_fee_refund": pgettext_lazy("type of a balance transaction", "refund of an application fee"),
    "charge": pgettext_lazy("type of a balance transaction", "charge"),
    "climate_order_purchase": pgettext_lazy("type of a balance transaction", "Climate order"),
    "climate_order_refund": pgettext_lazy("type of a balance transaction", "refund of a Climate order"),
    "connect_collection_transfer": pgettext_lazy(
        "type of a balance transaction", "transfer that covers a negative balance"
    ),
    "contribution": pgettext_lazy("type of a balance transaction", "contribution"),
    "fee_credit_funding": pgettext_lazy("type of a balance transaction", "funding of a fee credit"),
    "inbound_transfer": pgettext_lazy("type of a balance transaction", "inbound transfer"),
    "inbound_transfer_reversal": pgettext_lazy("type of a balance transaction", "reversal of an inbound transfer"),
    "issuing_authorization_hold": pgettext_lazy("type of a balance transaction", "Issuing: hold of an authorization"),
    "issuing_authorization_release": pgettext_lazy(
        "type of a balance transaction", "Issuing: release of an authorization"
    ),
    "issuing_dispute": pgettext_lazy("type of a balance transaction", "Issuing: dispute"),
    "issuing_dispute_provisional_credit": pgettext_lazy(
        "type of a balance transaction", "Issuing: provisional credit of a dispute"
    ),
    "issuing_dispute_provisional_credit_reversal": pgettext_lazy(
        "type of a balance transaction", "Issuing: reversal of a provisional credit"
    ),
    "issuing_transaction": pgettext_lazy("type of a balance transaction", "Issuing: transaction"),
    "obligation_outbound": pgettext_lazy("type of a balance transaction", "outbound obligation"),
    "obligation_reversal_inbound": pgettext_lazy("type of a balance transaction", "reversal of an obligation"),
    "payment": pgettext_lazy("type of a balance transaction", "payment"),
    "payment_failure_refund": pgettext_lazy("type of a balance transaction", "failed payment"),
    "payment_network_reserve_hold": pgettext_lazy("type of a balance transaction", "hold of a network reserve"),
    "payment_network_reserve_release": pgettext_lazy("type of a balance transaction", "release of a network reserve"),
    "payment_refund": pgettext_lazy("type of a balance transaction", "refund of a payment"),
    "payment_reversal": pgettext_lazy("type of a balance transaction", "reversal of a payment"),
    "payment_unreconciled": pgettext_lazy("type of a balance transaction", "payment not reconciled"),
    "payout": pgettext_lazy("type of a balance transaction", "payout"),
    "payout_cancel": pgettext_lazy("type of a balance transaction", "canceled payout"),
    "payout_failure": pgettext_lazy("type of a balance transaction", "failed payout"),
    "payout_minimum_balance_hold": pgettext_lazy("type of a balance transaction", "hold of the minimum balance"),
    "payout_minimum_balance_release": pgettext_lazy("type of a balance transaction", "release of the minimum balance"),
    "refund": pgettext_lazy("type of a balance transaction", "refund"),
    "refund_failure": pgettext_lazy("type of a balance transaction", "failed refund"),
    "reserve_hold": pgettext_lazy("type of a balance transaction", "hold of a reserve"),
    "reserve_release": pgettext_lazy("type of a balance transaction", "release of a reserve"),
    "reserve_transaction": pgettext_lazy("type of a balance transaction", "transaction of a reserve"),
    "reserved_funds": pgettext_lazy("type of a balance transaction", "reserved funds"),
    "stripe_balance_payment_debit": pgettext_lazy("type of a balance transaction", "payment from the Stripe balance"),
    "stripe_balance_payment_debit_reversal": pgettext_lazy(
        "type of a balance transaction", "reversal of a payment from the Stripe balance"
    ),
    "stripe_fee": pgettext_lazy("type of a balance transaction", "Stripe fee"),
    "stripe_fx_fee": pgettext_lazy("type of a balance transaction", "Stripe fee for currency conversion"),
    "tax_fee": pgettext_lazy("type of a balance transaction", "tax on fees"),
    "tax_fund": pgettext_lazy("type of a balance transaction", "tax fund"),
    "topup": pgettext_lazy("type of a balance transaction", "top-up"),
    "topup_reversal": pgettext_lazy("type of a balance transaction", "reversal of a top-up"),
    "transfer": pgettext_lazy("type of a balance transaction", "transfer"),
    "transfer_cancel": pgettext_lazy("type of a balance transaction", "canceled transfer"),
    "transfer_failure": pgettext_lazy("type of a balance transaction", "failed transfer"),
    "transfer_refund": pgettext_lazy("type of a balance transaction", "refund of a transfer"),
}
TOPUP_STATUSES = {
    "canceled": pgettext_lazy("status of a top-up", "canceled"),
    "failed": pgettext_lazy("status of a top-up", "failed"),
    "pending": pgettext_lazy("status of a top-up", "pending"),
    "reversed": pgettext_lazy("status of a top-up", "reversed"),
    "succeeded": pgettext_lazy("status of a top-up", "succeeded"),
}
#: Why the balance of a customer changed.
CUSTOMER_BALANCE_TYPES = {
    "adjustment": pgettext_lazy("change of a customer's balance", "adjusted by hand"),
    "applied_to_invoice": pgettext_lazy("change of a customer's balance", "applied to an invoice"),
    "checkout_session_subscription_payment": pgettext_lazy(
        "change of a customer's balance", "subscription paid in a checkout"
    ),
    "checkout_session_subscription_payment_canceled": pgettext_lazy(
        "change of a customer's balance", "payment of a subscription in a checkout canceled"
    ),
    "credit_note": pgettext_lazy("change of a customer's balance", "credit note"),
    "initial": pgettext_lazy("change of a customer's balance", "initial balance"),
    "invoice_overpaid": pgettext_lazy("change of a customer's balance", "overpaid invoice"),
    "invoice_too_large": pgettext_lazy("change of a customer's balance", "invoice too large to be charged"),
    "invoice_too_small": pgettext_lazy("change of a customer's balance", "invoice too small to be charged"),
    "migration": pgettext_lazy("change of a customer's balance", "migration"),
    "unapplied_from_invoice": pgettext_lazy("change of a customer's balance", "taken back from an invoice"),
    "unspent_receiver_credit": pgettext_lazy("change of a customer's balance", "unspent credit of a bank transfer"),
}
CASH_BALANCE_TYPES = {
    "adjusted_for_overdraft": pgettext_lazy("change of a cash balance", "overdraft"),
    "applied_to_payment": pgettext_lazy("change of a cash balance", "applied to a payment"),
    "funded": pgettext_lazy("change of a cash balance", "bank transfer received"),
    "funding_reversed": pgettext_lazy("change of a cash balance", "bank transfer reversed"),
    "refunded_from_payment": pgettext_lazy("change of a cash balance", "refund of a payment"),
    "return_canceled": pgettext_lazy("change of a cash balance", "return to the bank canceled"),
    "return_initiated": pgettext_lazy("change of a cash balance", "returned to the customer's bank"),
    "transferred_to_balance": pgettext_lazy("change of a cash balance", "moved to your balance"),
    "unapplied_from_payment": pgettext_lazy("change of a cash balance", "taken back from a payment"),
}
RECONCILIATION_MODES = {
    "automatic": pgettext_lazy("use of a cash balance", "for open invoices, automatically"),
    "manual": pgettext_lazy("use of a cash balance", "for what you choose"),
}
MANDATE_STATUSES = {
    "active": pgettext_lazy("status of a mandate", "active"),
    "inactive": pgettext_lazy("status of a mandate", "inactive"),
    "pending": pgettext_lazy("status of a mandate", "pending"),
}
MANDATE_TYPES = {
    "multi_use": pgettext_lazy("type of a mandate", "for several payments"),
    "single_use": pgettext_lazy("type of a mandate", "for one payment"),
}
#: Why a review was opened, or closed.
REVIEW_REASONS = {
    "acknowledged": pgettext_lazy("reason of a review", "acknowledged"),
    "approved": pgettext_lazy("reason of a review", "approved"),
    "canceled": pgettext_lazy("reason of a review", "payment canceled"),
    "disputed": pgettext_lazy("reason of a review", "payment disputed"),
    "manual": pgettext_lazy("reason of a review", "opened by hand"),
    "payment_never_settled": pgettext_lazy("reason of a review", "payment never settled"),
    "redacted": pgettext_lazy("reason of a review", "data redacted"),
    "refunded": pgettext_lazy("reason of a review", "payment refunded"),
    "refunded_as_fraud": pgettext_lazy("reason of a review", "payment refunded as fraud"),
    "rule": pgettext_lazy("reason of a review", "a rule of Radar"),
}
FRAUD_TYPES = {
    "card_never_received": pgettext_lazy("kind of fraud", "card never received"),
    "fraudulent_card_application": pgettext_lazy("kind of fraud", "card applied for in another name"),
    "made_with_counterfeit_card": pgettext_lazy("kind of fraud", "counterfeit card"),
    "made_with_lost_card": pgettext_lazy("kind of fraud", "lost card"),
    "made_with_stolen_card": pgettext_lazy("kind of fraud", "stolen card"),
    "misc": pgettext_lazy("kind of fraud", "other"),
    "unauthorized_use_of_card": pgettext_lazy("kind of fraud", "unauthorized use of the card"),
}
ACCOUNT_HOLDER_TYPES = {
    "company": pgettext_lazy("account holder", "company"),
    "individual": pgettext_lazy("account holder", "individual"),
}
BILLING_REASONS = {
    "automatic_pending_invoice_item_invoice": pgettext_lazy("billing reason", "open items were invoiced"),
    "manual": pgettext_lazy("billing reason", "made by hand"),
    "quote_accept": pgettext_lazy("billing reason", "quote accepted"),
    "subscription": pgettext_lazy("billing reason", "subscription"),
    "subscription_create": pgettext_lazy("billing reason", "start of the subscription"),
    "subscription_cycle": pgettext_lazy("billing reason", "renewal of the subscription"),
    "subscription_threshold": pgettext_lazy("billing reason", "threshold of the subscription"),
    "subscription_update": pgettext_lazy("billing reason", "change of the subscription"),
    "upcoming": pgettext_lazy("billing reason", "upcoming"),
}
BILLING_SCHEMES = {
    "per_unit": pgettext_lazy("billing scheme", "per unit"),
    "tiered": pgettext_lazy("billing scheme", "in tiers"),
}
CHECKOUT_MODES = {
    "payment": pgettext_lazy("purpose of a checkout", "payment"),
    "setup": pgettext_lazy("purpose of a checkout", "save a payment method"),
    "subscription": pgettext_lazy("purpose of a checkout", "subscription"),
}
CHECKOUT_PAYMENT_STATUSES = {
    "no_payment_required": pgettext_lazy("status of a checkout's payment", "nothing to pay"),
    "paid": pgettext_lazy("status of a checkout's payment", "paid"),
    "unpaid": pgettext_lazy("status of a checkout's payment", "unpaid"),
}
CHECKOUT_STATUSES = {
    "complete": pgettext_lazy("status of a checkout", "complete"),
    "expired": pgettext_lazy("status of a checkout", "expired"),
    "open": pgettext_lazy("status of a checkout", "open"),
}
SETUP_ATTEMPT_STATUSES = {
    "abandoned": pgettext_lazy("status of a setup attempt", "abandoned"),
    "failed": pgettext_lazy("status of a setup attempt", "failed"),
    "processing": pgettext_lazy("status of a setup attempt", "processing"),
    "requires_action": pgettext_lazy("status of a setup attempt", "requires action"),
    "requires_confirmation": pgettext_lazy("status of a setup attempt", "requires confirmation"),
    "succeeded": pgettext_lazy("status of a setup attempt", "succeeded"),
}
CAPTURE_METHODS = {
    "automatic": pgettext_lazy("capture method", "automatic"),
    "automatic_async": pgettext_lazy("capture method", "automatic, later"),
    "manual": pgettext_lazy("capture method", "by hand"),
}
COLLECTION_METHODS = {
    "charge_automatically": pgettext_lazy("collection method", "charged automatically"),
    "send_invoice": pgettext_lazy("collection method", "invoice is sent"),
}
DURATIONS = {
    "forever": pgettext_lazy("duration of a coupon", "forever"),
    "once": pgettext_lazy("duration of a coupon", "once"),
    "repeating": pgettext_lazy("duration of a coupon", "several months"),
}
FUNDINGS = {
    "credit": pgettext_lazy("funding of a card", "credit"),
    "debit": pgettext_lazy("funding of a card", "debit"),
    "prepaid": pgettext_lazy("funding of a card", "prepaid"),
    "unknown": pgettext_lazy("funding of a card", "unknown"),
}
INTERVALS = {
    "day": pgettext_lazy("interval of a price", "day"),
    "month": pgettext_lazy("interval of a price", "month"),
    "week": pgettext_lazy("interval of a price", "week"),
    "year": pgettext_lazy("interval of a price", "year"),
}
PAYMENT_TYPES = {
    "charge": pgettext_lazy("kind of payment", "charge"),
    "payment_intent": pgettext_lazy("kind of payment", "payment intent"),
    "payment_record": pgettext_lazy("kind of payment", "payment outside of Stripe"),
}
FUTURE_USAGES = {
    "off_session": pgettext_lazy("use of a payment method", "without the customer"),
    "on_session": pgettext_lazy("use of a payment method", "with the customer"),
}
#: What happens to the invoices of a subscription whose collection is paused.
SUBSCRIPTION_CANCELLATIONS = {
    "canceled_by_retention_policy": pgettext_lazy("why a subscription was canceled", "test data is kept no longer"),
    "cancellation_requested": pgettext_lazy("why a subscription was canceled", "on request"),
    "payment_disputed": pgettext_lazy("why a subscription was canceled", "a payment was disputed"),
    "payment_failed": pgettext_lazy("why a subscription was canceled", "payments failed"),
}
CANCELLATION_FEEDBACK = {
    "customer_service": pgettext_lazy("feedback of a customer who cancels", "customer service was poor"),
    "low_quality": pgettext_lazy("feedback of a customer who cancels", "low quality"),
    "missing_features": pgettext_lazy("feedback of a customer who cancels", "features are missing"),
    "other": pgettext_lazy("feedback of a customer who cancels", "other"),
    "switched_service": pgettext_lazy("feedback of a customer who cancels", "switched to another service"),
    "too_complex": pgettext_lazy("feedback of a customer who cancels", "too complex"),
    "too_expensive": pgettext_lazy("feedback of a customer who cancels", "too expensive"),
    "unused": pgettext_lazy("feedback of a customer who cancels", "not used enough"),
}
PAUSE_BEHAVIORS = {
    "keep_as_draft": pgettext_lazy("paused collection", "invoices stay drafts"),
    "mark_uncollectible": pgettext_lazy("paused collection", "invoices are marked as uncollectible"),
    "void": pgettext_lazy("paused collection", "invoices are voided"),
}
QUOTE_STATUSES = {
    "accepted": pgettext_lazy("status of a quote", "accepted"),
    "canceled": pgettext_lazy("status of a quote", "canceled"),
    "draft": pgettext_lazy("status of a quote", "draft"),
    "open": pgettext_lazy("status of a quote", "open"),
}
TAX_BEHAVIORS = {
    "exclusive": pgettext_lazy("tax behaviour", "tax comes on top"),
    "inclusive": pgettext_lazy("tax behaviour", "tax included"),
    "unspecified": pgettext_lazy("tax behaviour", "not specified"),
}
TAX_EXEMPTIONS = {
    "exempt": pgettext_lazy("tax exemption", "exempt"),
    "none": pgettext_lazy("tax exemption", "none"),
    "reverse": pgettext_lazy("tax exemption", "reverse charge"),
}
TAX_TYPES = {
    "admissions_tax": pgettext_lazy("kind of tax", "admissions tax"),
    "amusement_tax": pgettext_lazy("kind of tax", "amusement tax"),
    "attendance_tax": pgettext_lazy("kind of tax", "attendance tax"),
    "communications_tax": pgettext_lazy("kind of tax", "communications tax"),
    "digital_excise_tax": pgettext_lazy("kind of tax", "digital excise tax"),
    "entertainment_tax": pgettext_lazy("kind of tax", "entertainment tax"),
    "get_fund": pgettext_lazy("kind of tax", "GETFund levy"),
    "gross_receipts_tax": pgettext_lazy("kind of tax", "gross receipts tax"),
    "gst": pgettext_lazy("kind of tax", "GST"),
    "hospitality_tax": pgettext_lazy("kind of tax", "hospitality tax"),
    "hst": pgettext_lazy("kind of tax", "HST"),
    "igst": pgettext_lazy("kind of tax", "IGST"),
    "jct": pgettext_lazy("kind of tax", "JCT"),
    "lease_tax": pgettext_lazy("kind of tax", "lease tax"),
    "luxury_tax": pgettext_lazy("kind of tax", "luxury tax"),
    "mass_transit_parking_tax": pgettext_lazy("kind of tax", "mass transit parking tax"),
    "nhil": pgettext_lazy("kind of tax", "NHIL"),
    "parking_tax": pgettext_lazy("kind of tax", "parking tax"),
    "pst": pgettext_lazy("kind of tax", "PST"),
    "qst": pgettext_lazy("kind of tax", "QST"),
    "resort_tax": pgettext_lazy("kind of tax", "resort tax"),
    "retail_delivery_fee": pgettext_lazy("kind of tax", "retail delivery fee"),
    "rst": pgettext_lazy("kind of tax", "RST"),
    "sales_tax": pgettext_lazy("kind of tax", "sales tax"),
    "service_tax": pgettext_lazy("kind of tax", "service tax"),
    "tourism_tax": pgettext_lazy("kind of tax", "tourism tax"),
    "utility_users_tax": pgettext_lazy("kind of tax", "utility users tax"),
    "vat": pgettext_lazy("kind of tax", "VAT"),
}
TAX_RATE_TYPES = {
    "flat_amount": pgettext_lazy("kind of tax rate", "flat amount"),
    "percentage": pgettext_lazy("kind of tax rate", "percentage"),
}
JURISDICTION_LEVELS = {
    "city": pgettext_lazy("level of jurisdiction", "city"),
    "country": pgettext_lazy("level of jurisdiction", "country"),
    "county": pgettext_lazy("level of jurisdiction", "county"),
    "district": pgettext_lazy("level of jurisdiction", "district"),
    "multiple": pgettext_lazy("level of jurisdiction", "several"),
    "state": pgettext_lazy("level of jurisdiction", "state"),
}
TAX_ID_OWNERS = {
    "account": pgettext_lazy("owner of a tax id", "another account"),
    "application": pgettext_lazy("owner of a tax id", "application"),
    "customer": pgettext_lazy("owner of a tax id", "customer"),
    "self": pgettext_lazy("owner of a tax id", "this account"),
}
TAX_ID_VERIFICATIONS = {
    "pending": pgettext_lazy("verification of a tax id", "pending"),
    "unavailable": pgettext_lazy("verification of a tax id", "not available"),
    "unverified": pgettext_lazy("verification of a tax id", "not verified"),
    "verified": pgettext_lazy("verification of a tax id", "verified"),
}
METER_STATUSES = {
    "active": pgettext_lazy("status of a meter", "active"),
    "inactive": pgettext_lazy("status of a meter", "inactive"),
}
AGGREGATIONS = {
    "count": pgettext_lazy("how usage is counted", "number of events"),
    "last": pgettext_lazy("how usage is counted", "last value"),
    "sum": pgettext_lazy("how usage is counted", "sum of values"),
}
TIME_WINDOWS = {
    "day": pgettext_lazy("how usage is grouped", "day"),
    "hour": pgettext_lazy("how usage is grouped", "hour"),
}
CREDIT_CATEGORIES = {
    "paid": pgettext_lazy("category of credit", "bought"),
    "promotional": pgettext_lazy("category of credit", "given"),
}
CREDIT_TRANSACTION_TYPES = {
    "credit": pgettext_lazy("type of a credit transaction", "more credit"),
    "debit": pgettext_lazy("type of a credit transaction", "less credit"),
}
CREDIT_REASONS = {
    "credits_application_invoice_voided": pgettext_lazy("reason of a credit transaction", "the invoice was voided"),
    "credits_applied": pgettext_lazy("reason of a credit transaction", "used on an invoice"),
    "credits_expired": pgettext_lazy("reason of a credit transaction", "expired"),
    "credits_granted": pgettext_lazy("reason of a credit transaction", "granted"),
    "credits_voided": pgettext_lazy("reason of a credit transaction", "voided"),
}
FILE_PURPOSES = {
    "account_requirement": pgettext_lazy("purpose of a file", "requirement of an account"),
    "additional_verification": pgettext_lazy("purpose of a file", "additional verification"),
    "business_icon": pgettext_lazy("purpose of a file", "icon of the business"),
    "business_logo": pgettext_lazy("purpose of a file", "logo of the business"),
    "customer_signature": pgettext_lazy("purpose of a file", "signature of a customer"),
    "dispute_evidence": pgettext_lazy("purpose of a file", "evidence in a dispute"),
    "document_provider_identity_document": pgettext_lazy("purpose of a file", "identity document of a provider"),
    "finance_report_run": pgettext_lazy("purpose of a file", "financial report"),
    "financial_account_statement": pgettext_lazy("purpose of a file", "statement of a financial account"),
    "identity_document": pgettext_lazy("purpose of a file", "identity document"),
    "identity_document_downloadable": pgettext_lazy("purpose of a file", "identity document to download"),
    "issuing_regulatory_reporting": pgettext_lazy("purpose of a file", "report to authorities about issuing"),
    "pci_document": pgettext_lazy("purpose of a file", "PCI document"),
    "platform_terms_of_service": pgettext_lazy("purpose of a file", "terms of service of a platform"),
    "selfie": pgettext_lazy("purpose of a file", "selfie"),
    "sigma_scheduled_query": pgettext_lazy("purpose of a file", "result of a Sigma query"),
    "tax_document_user_upload": pgettext_lazy("purpose of a file", "tax document"),
    "terminal_android_apk": pgettext_lazy("purpose of a file", "app for Terminal"),
    "terminal_reader_splashscreen": pgettext_lazy("purpose of a file", "splash screen for Terminal"),
    "terminal_wifi_certificate": pgettext_lazy("purpose of a file", "Wi-Fi certificate for Terminal"),
    "terminal_wifi_private_key": pgettext_lazy("purpose of a file", "private Wi-Fi key for Terminal"),
}
TEST_CLOCK_STATUSES = {
    "advancing": pgettext_lazy("status of a test clock", "advancing"),
    "internal_failure": pgettext_lazy("status of a test clock", "failed"),
    "ready": pgettext_lazy("status of a test clock", "ready"),
}
SCHEDULE_STATUSES = {
    "active": pgettext_lazy("status of a schedule", "active"),
    "canceled": pgettext_lazy("status of a schedule", "canceled"),
    "completed": pgettext_lazy("status of a schedule", "completed"),
    "not_started": pgettext_lazy("status of a schedule", "not started"),
    "released": pgettext_lazy("status of a schedule", "released"),
}
END_BEHAVIORS = {
    "cancel": pgettext_lazy("end of a schedule", "the subscription is canceled"),
    "none": pgettext_lazy("end of a schedule", "nothing happens"),
    "release": pgettext_lazy("end of a schedule", "the subscription goes on without it"),
    "renew": pgettext_lazy("end of a schedule", "it begins again"),
}
PRORATION_BEHAVIORS = {
    "always_invoice": pgettext_lazy("proration", "prorated and invoiced at once"),
    "create_prorations": pgettext_lazy("proration", "prorated"),
    "none": pgettext_lazy("proration", "not prorated"),
}
TIERS_MODES = {
    "graduated": pgettext_lazy("tiers mode", "graduated"),
    "volume": pgettext_lazy("tiers mode", "by volume"),
}
#: Of payment methods and sources most are names, the same in every language.
TYPES = {
    "bank_account": pgettext_lazy("type", "bank account"),
    "card": pgettext_lazy("type", "card"),
    "good": pgettext_lazy("type", "good"),
    "one_time": pgettext_lazy("type", "once"),
    "recurring": pgettext_lazy("type", "recurring"),
    "service": pgettext_lazy("type", "service"),
}
SOURCE_USAGES = {
    "reusable": pgettext_lazy("usage of a source", "reusable"),
    "single_use": pgettext_lazy("usage of a source", "once"),
}
USAGE_TYPES = {
    "licensed": pgettext_lazy("usage type", "by quantity"),
    "metered": pgettext_lazy("usage type", "by usage"),
}
ACCOUNT_TYPES = {
    "custom": pgettext_lazy("type of an account", "custom"),
    "express": pgettext_lazy("type of an account", "express"),
    "none": pgettext_lazy("type of an account", "see the columns below"),
    "standard": pgettext_lazy("type of an account", "standard"),
}
ACCOUNT_DASHBOARDS = {
    "express": pgettext_lazy("dashboard of an account", "Express"),
    "full": pgettext_lazy("dashboard of an account", "Stripe's own"),
    "none": pgettext_lazy("dashboard of an account", "none"),
}
#: Who is responsible for something of an account.
CONTROLLERS = {
    "account": pgettext_lazy("responsible for an account", "the account"),
    "application": pgettext_lazy("responsible for an account", "the platform"),
    "application_custom": pgettext_lazy("responsible for an account", "the platform"),
    "application_express": pgettext_lazy("responsible for an account", "the platform"),
    "stripe": pgettext_lazy("responsible for an account", "Stripe"),
}
BUSINESS_TYPES = {
    "company": pgettext_lazy("type of business", "company"),
    "government_entity": pgettext_lazy("type of business", "public authority"),
    "individual": pgettext_lazy("type of business", "individual"),
    "non_profit": pgettext_lazy("type of business", "non-profit organization"),
}
#: Why Stripe has switched off something of an account.
DISABLED_REASONS = {
    "action_required.requested_capabilities": pgettext_lazy("why disabled", "no capability was requested"),
    "listed": pgettext_lazy("why disabled", "may be on a list of prohibited persons or companies"),
    "other": pgettext_lazy("why disabled", "another reason"),
    "platform_disabled": pgettext_lazy("why disabled", "disabled by the platform"),
    "platform_paused": pgettext_lazy("why disabled", "paused by the platform"),
    "rejected.fraud": pgettext_lazy("why disabled", "rejected: fraud"),
    "rejected.incomplete_verification": pgettext_lazy("why disabled", "rejected: not verified in time"),
    "rejected.listed": pgettext_lazy("why disabled", "rejected: on a list of prohibited persons or companies"),
    "rejected.other": pgettext_lazy("why disabled", "rejected: another reason"),
    "rejected.platform_fraud": pgettext_lazy("why disabled", "rejected by the platform: fraud"),
    "rejected.platform_other": pgettext_lazy("why disabled", "rejected by the platform: another reason"),
    "rejected.platform_terms_of_service": pgettext_lazy("why disabled", "rejected by the platform: against its terms"),
    "rejected.terms_of_service": pgettext_lazy("why disabled", "rejected: against Stripe's terms"),
    "requirements.fields_needed": pgettext_lazy("why disabled", "information is missing"),
    "requirements.past_due": pgettext_lazy("why disabled", "information is late"),
    "requirements.pending_verification": pgettext_lazy("why disabled", "Stripe is verifying"),
    "under_review": pgettext_lazy("why disabled", "Stripe is reviewing"),
}
CAPABILITY_STATUSES = {
    "active": pgettext_lazy("status of a capability", "active"),
    "disabled": pgettext_lazy("status of a capability", "disabled"),
    "inactive": pgettext_lazy("status of a capability", "inactive"),
    "pending": pgettext_lazy("status of a capability", "pending"),
    "unrequested": pgettext_lazy("status of a capability", "not requested"),
}
CAPABILITY_TONES = {"disabled": "bad", "inactive": "bad"}
VERIFICATION_STATUSES = {
    "pending": pgettext_lazy("status of a verification", "pending"),
    "unverified": pgettext_lazy("status of a verification", "not verified"),
    "verified": pgettext_lazy("status of a verification", "verified"),
}
