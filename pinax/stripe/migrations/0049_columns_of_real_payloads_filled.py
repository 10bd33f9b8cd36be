"""Read the columns that were added to tables from the objects that are there."""

from django.db import migrations

from ._columns import fill_columns

OF_CUSTOMERS = (
    "CheckoutSession",
    "CreditGrant",
    "CreditNote",
    "Customer",
    "CustomerBalanceTransaction",
    "CustomerCashBalanceTransaction",
    "Discount",
    "InvoiceItem",
    "PromotionCode",
    "Quote",
    "SetupAttempt",
    "SetupIntent",
    "SubscriptionSchedule",
    "TaxId",
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0048_columns_of_real_payloads"),
    ]

    operations = [
        fill_columns(
            "Charge",
            "application_fee",
            "application_fee_amount",
            "balance_transaction",
            "destination",
            "on_behalf_of",
            "outcome_message",
            "outcome_reason",
            "outcome_type",
            "payment_method_type",
            "risk_level",
            "risk_score",
            "transfer",
            "transfer_group",
        ),
        fill_columns(
            "PaymentIntent",
            "application_fee_amount",
            "customer_account",
            "decline_code",
            "destination",
            "error_code",
            "error_message",
            "on_behalf_of",
            "transfer_amount",
            "transfer_group",
        ),
        fill_columns("Refund", "balance_transaction", "failure_balance_transaction"),
        fill_columns("PaymentMethod", "bank_name", "country", "customer_account", "fingerprint", "last4"),
        fill_columns("Source", "bank_name", "country", "fingerprint", "last4", "owner_email", "owner_name"),
        fill_columns(
            "Subscription",
            "cancellation_feedback",
            "cancellation_reason",
            "customer_account",
            "discount_ids",
            "pause_behavior",
            "pause_resumes_at",
        ),
        fill_columns("SubscriptionItem", "discount_ids"),
        fill_columns("Invoice", "customer_account", "discount_ids"),
        *(fill_columns(name, "customer_account") for name in OF_CUSTOMERS),
    ]
