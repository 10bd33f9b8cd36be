"""Fills tables of a PostgreSQL with made-up rows, as fast as SQL can: what a busy shop has after a year."""

from django.db import connection

from pinax.stripe import models

#: Django's type of a column -> a value for columns that a table below does not name.
BLANKS = {
    "BigIntegerField": "0",
    "BinaryField": "''::bytea",
    "BooleanField": "false",
    "CharField": "''",
    "DateTimeField": "now()",
    "JSONField": "'{}'::jsonb",
    "PositiveBigIntegerField": "1",
    "PositiveIntegerField": "1",
    "TextField": "''",
}
KINDS = (
    *("invoice.paid", "charge.succeeded", "payment_intent.succeeded", "customer.subscription.updated"),
    *("invoice.created", "invoice.finalized", "charge.updated", "customer.updated", "payment_method.attached"),
    *("invoice.payment_failed", "charge.failed", "customer.created", "customer.subscription.deleted"),
)
#: Where `n` counts from 1 to `total`, oldest first.
MOMENT = "now() - (%(total)s - n) * (interval '365 days' / %(total)s)"
IS_REFUSED = "n %% 1000 = 0"
IS_FAILED = "n %% 5000 = 1"
IS_WAITING = "n > %(total)s - 50"
MESSAGE = '\'{"id":"evt_\' || n || \'","data":{"object":{"description":"\' || repeat(\'x\', 300) || \'"}}}\''

EVENTS = {
    "id": "n",
    "stripe_id": "'evt_' || n",
    "kind": f"(ARRAY{[*KINDS]})[1 + (n + n / 13) %% {len(KINDS)}]",
    "livemode": "NOT (n %% 2000 = 7 AND n < %(total)s / 2)",
    "stripe_account": "CASE WHEN n %% 50 = 0 THEN 'acct_' || n %% 97 ELSE '' END",
    "created_at": f"{MOMENT} - interval '2 seconds'",
    "recorded_at": MOMENT,
    "object_type": "(ARRAY['invoice', 'charge', 'customer', 'subscription'])[1 + n %% 4]",
    "object_id": "'in_' || n / 5",
    # One customer in a hundred events is the same: a shop's own test account, say.
    "customer_id": "CASE WHEN n %% 100 = 3 THEN 'cus_1' ELSE 'cus_' || n %% %(customers)s END",
    "webhook_message": MESSAGE,
    "validated_message": f"CASE WHEN {IS_REFUSED} OR {IS_WAITING} THEN NULL ELSE {MESSAGE} END",
    "fingerprint": "md5(n::text)",
    "difference": "'[]'::jsonb",
    "notes": "'[]'::jsonb",
    "valid": f"CASE WHEN {IS_REFUSED} THEN false WHEN {IS_WAITING} THEN NULL ELSE true END",
    "reason": f"CASE WHEN {IS_REFUSED} THEN 'not_found' WHEN {IS_WAITING} THEN 'no_answer' ELSE '' END",
    "processed": f"NOT ({IS_REFUSED} OR {IS_FAILED} OR {IS_WAITING})",
    "processed_at": f"CASE WHEN {IS_REFUSED} OR {IS_FAILED} OR {IS_WAITING} THEN NULL ELSE {MOMENT} END",
    "mirrored_at": MOMENT,
    "failures": f"CASE WHEN {IS_FAILED} THEN 3 ELSE 0 END",
    "source": "CASE WHEN n %% 50000 = 11 THEN 'catch_up' ELSE 'webhook' END",
    "remote_address": "'192.0.2.' || n %% 250",
    "body": "convert_to(repeat('x', 300), 'UTF8')",
}
#: Columns of every mirrored row.
MIRRORED = {
    "livemode": "true",
    "created_at": MOMENT,
    "stripe_data": "jsonb_build_object('id', n, 'description', repeat('x', 400))",
    "as_of": MOMENT,
    "as_of_end": MOMENT,
    "synced_at": MOMENT,
}
CUSTOMERS = {**MIRRORED, "id": "'cus_' || n", "stripe_id": "'cus_' || n", "email": "'user' || n || '@Example.com'"}
OF_A_CUSTOMER = {
    **MIRRORED,
    "customer_id": "CASE WHEN n %% 100 = 3 THEN 'cus_1' ELSE 'cus_' || n %% %(customers)s END",
    "currency": "(ARRAY['usd', 'eur', 'jpy'])[1 + n %% 3]",
}
SUBSCRIPTIONS = {
    **OF_A_CUSTOMER,
    "id": "'sub_' || n",
    "stripe_id": "'sub_' || n",
    "status": "CASE WHEN n %% 1000 = 1 THEN 'past_due' WHEN n %% 4 = 1 THEN 'canceled' ELSE 'active' END",
    "ended_at": f"CASE WHEN n %% 1000 <> 1 AND n %% 4 = 1 THEN {MOMENT} ELSE NULL END",
}
INVOICES = {
    **OF_A_CUSTOMER,
    "id": "'in_' || n",
    "stripe_id": "'in_' || n",
    "number": "'SHOP-' || n",
    "status": "CASE WHEN n %% 10000 = 1 THEN 'uncollectible' WHEN n %% 50 = 1 THEN 'open' ELSE 'paid' END",
    "subscription_id": "'sub_' || n / 12",
    "total": "2000",
}
CHARGES = {
    **OF_A_CUSTOMER,
    "id": "'ch_' || n",
    "stripe_id": "'ch_' || n",
    "status": "'succeeded'",
    "paid": "true",
    "captured": "true",
    "amount": "2000",
    "amount_captured": "2000",
    "invoice_id": "'in_' || n",
}
INTENTS = {**OF_A_CUSTOMER, "id": "'pi_' || n", "stripe_id": "'pi_' || n", "status": "'succeeded'", "amount": "2000"}
REFUNDS = {
    **MIRRORED,
    "id": "'re_' || n",
    "stripe_id": "'re_' || n",
    "charge_id": "'ch_' || n * 50",
    "amount": "2000",
    "currency": "'usd'",
    "status": "'succeeded'",
}
EXCEPTIONS = {
    "id": "n",
    "event_id": "(n - 1) * 5000 + 1",
    "data": "'invoice.paid:shop.receivers.send_' || n %% 3",
    "message": "'ValueError: no'",
    "created_at": MOMENT,
}
STEPS = {"id": "n", "event_id": "n", "kind": "'again'", "at": MOMENT}


def fill(events: int) -> None:
    """Insert so many events, and as many other rows as go with them."""
    customers = max(events // 15, 10)
    tables = [
        (models.Event, EVENTS, events),
        (models.EventProcessingException, EXCEPTIONS, events // 5000),
        (models.EventStep, STEPS, events // 100),
        (models.Customer, CUSTOMERS, customers),
        (models.Subscription, SUBSCRIPTIONS, customers),
        (models.Invoice, INVOICES, events // 5),
        (models.Charge, CHARGES, events // 5),
        (models.PaymentIntent, INTENTS, events // 5),
        (models.Refund, REFUNDS, events // 250),
    ]
    for model, values, total in tables:
        insert(model, values, total=total, customers=customers)
        with connection.cursor() as cursor:
            # The numbers of hand-made keys are not known to the sequence; the map of visible pages is the vacuum's.
            if model._meta.pk.get_internal_type() == "BigAutoField":
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), {total})")
            if connection.in_atomic_block:
                cursor.execute(f'ANALYZE "{model._meta.db_table}"')
            else:
                cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')


def insert(model, values, *, total, customers):
    """One statement that makes all rows of a table."""
    columns, expressions = [], []
    for column in model._meta.concrete_fields:
        if column.generated:
            continue
        value = values.get(column.attname)
        if value is None:
            value = "NULL" if column.null else BLANKS[column.get_internal_type()]
        columns.append(f'"{column.column}"')
        expressions.append(value % {"total": total, "customers": customers})
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) '
            f"SELECT {', '.join(expressions)} FROM generate_series(1, {total}) AS n"
        )
