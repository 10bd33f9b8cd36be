"""Where Stripe's objects are read: the collections of its API, and the lists below one object. Pure data."""

#: Collection in an address -> `object` of what is in it.
COLLECTIONS = {
    "accounts": "account",
    "application_fees": "application_fee",
    "apps/installs": "apps.install",
    "balance_transactions": "balance_transaction",
    "billing/credit_balance_transactions": "billing.credit_balance_transaction",
    "billing/credit_grants": "billing.credit_grant",
    "billing/meters": "billing.meter",
    "billing_portal/configurations": "billing_portal.configuration",
    "charges": "charge",
    "checkout/sessions": "checkout.session",
    "climate/orders": "climate.order",
    "climate/products": "climate.product",
    "coupons": "coupon",
    "credit_notes": "credit_note",
    "customers": "customer",
    "disputes": "dispute",
    "files": "file",
    "financial_connections/accounts": "financial_connections.account",
    "identity/verification_sessions": "identity.verification_session",
    "invoice_payments": "invoice_payment",
    "invoiceitems": "invoiceitem",
    "invoices": "invoice",
    "issuing/authorizations": "issuing.authorization",
    "issuing/cardholders": "issuing.cardholder",
    "issuing/cards": "issuing.card",
    "issuing/disputes": "issuing.dispute",
    "issuing/personalization_designs": "issuing.personalization_design",
    "issuing/tokens": "issuing.token",
    "issuing/transactions": "issuing.transaction",
    "mandates": "mandate",
    "payment_intents": "payment_intent",
    "payment_links": "payment_link",
    "payment_methods": "payment_method",
    "payouts": "payout",
    "plans": "plan",
    "prices": "price",
    "products": "product",
    "promotion_codes": "promotion_code",
    "quotes": "quote",
    "radar/early_fraud_warnings": "radar.early_fraud_warning",
    "refunds": "refund",
    "reporting/report_runs": "reporting.report_run",
    "reporting/report_types": "reporting.report_type",
    "reviews": "review",
    "setup_intents": "setup_intent",
    "shipping_rates": "shipping_rate",
    "sigma/scheduled_query_runs": "scheduled_query_run",
    "sources": "source",
    "subscription_schedules": "subscription_schedule",
    "subscriptions": "subscription",
    "tax_ids": "tax_id",
    "tax_rates": "tax_rate",
    "terminal/readers": "terminal.reader",
    "test_helpers/test_clocks": "test_helpers.test_clock",
    "topups": "topup",
    "transfers": "transfer",
    "treasury/credit_reversals": "treasury.credit_reversal",
    "treasury/debit_reversals": "treasury.debit_reversal",
    "treasury/financial_accounts": "treasury.financial_account",
    "treasury/inbound_transfers": "treasury.inbound_transfer",
    "treasury/outbound_payments": "treasury.outbound_payment",
    "treasury/outbound_transfers": "treasury.outbound_transfer",
    "treasury/received_credits": "treasury.received_credit",
    "treasury/received_debits": "treasury.received_debit",
    "webhook_endpoints": "webhook_endpoint",
}
#: What a customer can have in `/v1/customers/:id/sources`.
SOURCES = ("card", "bank_account", "source")
#: Collection and list below one of its objects -> `object` of the entries that are embedded in it under that name.
EMBEDDED_LISTS = {
    ("checkout/sessions", "line_items"): "item",
    ("credit_notes", "lines"): "credit_note_line_item",
    ("invoices", "lines"): "line_item",
    ("payment_links", "line_items"): "item",
    ("quotes", "line_items"): "item",
}
#: Collection and list below one of its objects -> `object` of the rows, and their attribute that names the owner.
BELONGING = {
    ("application_fees", "refunds"): ("fee_refund", "fee"),
    ("charges", "refunds"): ("refund", "charge"),
    ("customers", "balance_transactions"): ("customer_balance_transaction", "customer"),
    ("customers", "payment_methods"): ("payment_method", "customer"),
    ("customers", "subscriptions"): ("subscription", "customer"),
    ("customers", "tax_ids"): ("tax_id", "customer"),
}
#: `object` -> lists that an answer has only when they are asked for with `expand`
#: (https://docs.stripe.com/expand#includable-properties).
INCLUDABLE = {"checkout.session": ("line_items",), "payment_link": ("line_items",), "quote": ("line_items",)}

PART = "([^/]+)"
#: A collection, of which some have a folder in front.
COLLECTION = "((?:{})/[^/]+|[^/]+)".format(
    "|".join(sorted({name.partition("/")[0] for name in COLLECTIONS if "/" in name}))
)
