"""Fills the tables of a PostgreSQL with made-up rows, as fast as SQL can: what a busy shop has after a year.

Rows are made where they are stored: COPY would have to send what one INSERT from a series makes in the database. The
indexes of a large table are made after its rows.
"""

import json
from contextlib import contextmanager

from django.db import connection

from pinax.stripe import models

#: Rows of a table from which on its indexes are made after its rows.
MANY = 50_000
#: Django's type of a column -> a value for columns that a table below does not name.
BLANKS = {
    "BigIntegerField": "0",
    "BinaryField": "''::bytea",
    "BooleanField": "false",
    "CharField": "''",
    "DateTimeField": "now()",
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
IS_DELETED = "n %% 1000 = 9"
MESSAGE = '\'{"id":"evt_\' || n || \'","data":{"object":{"description":"\' || repeat(\'x\', 300) || \'"}}}\''


def owned_by(prefix: str, *, every: int = 100) -> str:
    """The key of the row with the same number; every so many rows belong to the first: a shop's own account, say."""
    return f"CASE WHEN n %% {every} = 3 THEN '{prefix}_1' ELSE '{prefix}_' || n END"


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
    "customer_id": owned_by("cus"),
    "webhook_message": MESSAGE,
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
    "body_size": f"length({MESSAGE})",
}
#: Rows about events, one of each event.
EXCEPTIONS = {
    "id": "n",
    "event_id": "n",
    "data": "'invoice.paid:shop.receivers.send_' || n %% 3",
    "message": "'ValueError: no'",
    "created_at": MOMENT,
}
STEPS = {"id": "n", "event_id": "n", "kind": "CASE WHEN n %% 100 = 5 THEN 'again' ELSE 'validation' END", "at": MOMENT}
CALLS = {"id": "n", "event_id": "n", "receiver": "'invoice.paid:shop.receivers.send'", "called_at": MOMENT}
CATCH_UPS = {"id": "n", "since": MOMENT, "until": MOMENT, "cursor": MOMENT, "started_at": MOMENT, "finished_at": MOMENT}


def mirrored(prefix: str, **columns: str) -> dict[str, str]:
    """The columns of a mirrored table whose keys have a prefix."""
    return {
        "id": f"'{prefix}_' || n",
        "stripe_id": f"'{prefix}_' || n",
        "livemode": "true",
        "created_at": MOMENT,
        "stripe_data": "jsonb_build_object('id', n, 'description', repeat('x', 200))",
        "as_of": MOMENT,
        "as_of_end": MOMENT,
        "synced_at": MOMENT,
        "deleted_at": f"CASE WHEN {IS_DELETED} THEN {MOMENT} ELSE NULL END",
        "currency": "(ARRAY['usd', 'eur', 'jpy'])[1 + n %% 3]",
        **columns,
    }


def of_a_customer(prefix: str, *, every: int = 100, **columns: str) -> dict[str, str]:
    """The same of a table whose rows belong to customers."""
    return mirrored(prefix, customer_id=owned_by("cus", every=every), **columns)


#: What the tables are filled with: table -> column -> SQL of its value in row `n`.
TABLES = {
    models.Event: EVENTS,
    models.EventProcessingException: EXCEPTIONS,
    models.EventStep: STEPS,
    models.ReceiverCall: CALLS,
    models.CatchUp: CATCH_UPS,
    models.Customer: mirrored(
        "cus", name="'Person ' || n", email="'user' || n || '@Example.com'", coupon_id="'coupon_' || n"
    ),
    models.PaymentMethod: of_a_customer(
        "pm",
        every=20_000,
        type="'card'",
        brand="'visa'",
        last4="lpad((n %% 10000)::text, 4, '0')",
        # So few of one month that PostgreSQL looks for their customers one by one.
        exp_year="2024 + n %% 32",
        exp_month="1 + n / 32 %% 12",
    ),
    models.Card: of_a_customer("card", every=20_000, brand="'Visa'", last4="'4242'"),
    models.BankAccount: of_a_customer("ba", every=20_000, bank_name="'Bank'", last4="'6789'"),
    models.Source: of_a_customer("src", every=20_000, type="'card'", status="'chargeable'"),
    models.Product: mirrored("prod", name="'Product ' || n", active="true"),
    models.Price: mirrored("price", product_id=owned_by("prod", every=1_000), unit_amount="2000", interval="'month'"),
    models.Plan: mirrored("plan", product_id=owned_by("prod", every=1_000), amount="2000", interval="'month'"),
    models.Coupon: mirrored("coupon", name="'Coupon ' || n", percent_off="10"),
    models.Subscription: of_a_customer(
        "sub",
        every=2_000,
        status="CASE WHEN n %% 1000 = 1 THEN 'past_due' WHEN n %% 1000 = 2 THEN 'trialing' WHEN n %% 4 = 1 "
        "THEN 'canceled' ELSE 'active' END",
        trial_end="CASE WHEN n %% 1000 = 2 THEN now() + n %% 20 * interval '1 day' ELSE NULL END",
        cancel_at_period_end="n %% 100 = 4",
        ended_at=f"CASE WHEN n %% 1000 <> 1 AND n %% 4 = 1 THEN {MOMENT} ELSE NULL END",
        plan_id="'plan_' || n",
        latest_invoice_id="'in_' || n",
    ),
    models.SubscriptionItem: mirrored(
        "si", subscription_id=owned_by("sub", every=50_000), price_id="'price_' || n", product_id="'prod_' || n"
    ),
    models.Invoice: of_a_customer(
        "in",
        number="'SHOP-' || n",
        status="CASE WHEN n %% 10000 = 1 THEN 'uncollectible' WHEN n %% 50 = 1 THEN 'open' ELSE 'paid' END",
        subscription_id="'sub_' || n / 12",
        total="2000",
        amount_remaining="CASE WHEN n %% 50 = 1 THEN 2000 ELSE 0 END",
        attempt_count="n %% 3",
        charge_id="'ch_' || n",
        payment_intent_id="'pi_' || n",
    ),
    models.InvoiceLineItem: mirrored(
        "il", invoice_id=owned_by("in", every=1_000), position="n", amount="2000", subscription_id="'sub_' || n"
    ),
    models.InvoicePayment: mirrored(
        "inpay",
        invoice_id=owned_by("in", every=50_000),
        charge_id="'ch_' || n",
        payment_intent_id="'pi_' || n",
        status="'paid'",
    ),
    models.Charge: of_a_customer(
        "ch",
        status="CASE WHEN n %% 50 = 7 THEN 'failed' ELSE 'succeeded' END",
        paid="n %% 50 <> 7",
        captured="n %% 50 <> 7",
        amount_refunded="CASE WHEN n %% 40 = 1 THEN 500 ELSE 0 END",
        disputed="n %% 500 = 1",
        amount="2000",
        amount_captured="2000",
        invoice_id="'in_' || n",
        payment_intent_id="'pi_' || n",
        card_last4="lpad((n %% 10000)::text, 4, '0')",
    ),
    models.PaymentIntent: of_a_customer(
        "pi", status="'succeeded'", amount="2000", invoice_id="'in_' || n", latest_charge_id="'ch_' || n"
    ),
    models.Refund: mirrored(
        "re",
        charge_id=owned_by("ch", every=50_000),
        payment_intent_id="'pi_' || n",
        amount="2000",
        status="'succeeded'",
    ),
    models.Dispute: mirrored(
        "dp",
        charge_id=owned_by("ch", every=50_000),
        payment_intent_id="'pi_' || n",
        amount="2000",
        status="CASE WHEN n %% 50 = 1 THEN 'needs_response' WHEN n %% 2 = 1 THEN 'won' ELSE 'lost' END",
        reason="'fraudulent'",
        evidence_due_by=MOMENT,
    ),
    models.CheckoutSession: of_a_customer(
        "cs",
        every=20_000,
        customer_email="'user' || n || '@example.com'",
        client_reference_id="'order-' || n",
        amount_total="2000",
        status="CASE WHEN n %% 3 = 1 THEN 'expired' ELSE 'complete' END",
        payment_intent_id="'pi_' || n",
        subscription_id="'sub_' || n",
    ),
    models.CheckoutLineItem: mirrored("li", session_id=owned_by("cs", every=50_000), amount_total="2000"),
    models.PaymentLink: mirrored("plink", active="true"),
    models.Quote: of_a_customer("qt", every=20_000, number="'QT-' || n", status="'accepted'", amount_total="2000"),
    models.PortalConfiguration: mirrored("bpc", name="'Portal ' || n", active="true"),
    models.ShippingRate: mirrored("shr", display_name="'Post ' || n", active="true", amount="500"),
    models.SetupIntent: of_a_customer("seti", every=20_000, status="'succeeded'", latest_attempt_id="'setatt_' || n"),
    models.SetupAttempt: mirrored("setatt", setup_intent_id=owned_by("seti", every=50_000), status="'succeeded'"),
    models.Review: mirrored(
        "prv", charge_id=owned_by("ch", every=50_000), payment_intent_id="'pi_' || n", open="n %% 500 = 1"
    ),
    models.EarlyFraudWarning: mirrored(
        "issfr", charge_id=owned_by("ch", every=50_000), payment_intent_id="'pi_' || n", actionable="n %% 500 = 1"
    ),
    models.Mandate: mirrored("mandate", payment_method_id=owned_by("pm", every=50_000), status="'active'"),
    models.CustomerBalanceTransaction: of_a_customer(
        "cbtxn", every=20_000, amount="-500", ending_balance="-500", type="'adjustment'", invoice_id="'in_' || n"
    ),
    models.CustomerCashBalanceTransaction: of_a_customer(
        "ccsbtxn", every=20_000, net_amount="500", type="'funded'", payment_intent_id="'pi_' || n"
    ),
    models.CashBalance: of_a_customer("cash", every=20_000, reconciliation_mode="'automatic'"),
    models.Balance: mirrored("balance"),
    models.TopUp: mirrored("tu", amount="2000", status="'succeeded'"),
    models.Payout: mirrored(
        "po",
        amount="2000",
        status="CASE WHEN n %% 1000 = 1 THEN 'failed' WHEN n > %(total)s - 3 THEN 'in_transit' ELSE 'paid' END",
        arrival_date=MOMENT,
        automatic="true",
        reconciliation_status="'completed'",
    ),
    models.BalanceTransaction: mirrored(
        "txn",
        amount="2000",
        fee="88",
        net="1912",
        type="'charge'",
        source="'ch_' || n",
        available_on=MOMENT,
        payout_id=owned_by("po", every=1_000),
    ),
    models.OtherObject: of_a_customer(
        "order", object_type="(ARRAY['order', 'reserve.hold', 'issuing.card'])[1 + n %% 3]", status="'paid'"
    ),
}


def fill(rows: int, *, tables=tuple(TABLES), columns=TABLES) -> None:
    """Insert so many rows into each of some empty tables; `columns` has the values, as `TABLES` has them."""
    truncate(tables)
    for model in tables:
        with indexes_at_the_end(model, is_large=rows >= MANY), connection.cursor() as cursor:
            cursor.execute(insertion(model, columns[model], rows))
            # The numbers of hand-made keys are not known to the sequence.
            if model._meta.pk.get_internal_type() == "BigAutoField":
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), {rows})")
        analyze(model)


def truncate(tables) -> None:
    """Take from empty tables the room that deleted rows left, in them and in their indexes: the planner counts it."""
    names = ", ".join(f'"{model._meta.db_table}"' for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} CASCADE")


def analyze(model) -> None:
    """Have the planner know a table; the map of visible pages is the vacuum's, which no transaction can have.

    Rows count as visible to all only when nothing older is still running in the database. Autovacuum, which looks at a
    table as soon as it is filled, is such a thing for a moment; without the map PostgreSQL prefers other plans.
    """
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
            return
        for _attempt in range(100):
            cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')
            cursor.execute(
                "SELECT relallvisible = relpages, pg_sleep(CASE WHEN relallvisible = relpages THEN 0 ELSE 0.1 END) "
                "FROM pg_class WHERE oid = %s::regclass",
                [model._meta.db_table],
            )
            if cursor.fetchone()[0]:
                return
    raise RuntimeError(f"Something old in the database keeps the rows of {model._meta.db_table} from being visible.")


def insertion(model, values, rows: int) -> str:
    """The statement that makes all rows of a table."""
    columns, expressions = [], []
    for column in model._meta.concrete_fields:
        if column.generated:
            continue
        value = values.get(column.attname)
        if value is None:
            value = "NULL" if column.null else blank(column)
        columns.append(f'"{column.column}"')
        expressions.append(value % {"total": rows})
    return (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) '
        f"SELECT {', '.join(expressions)} FROM generate_series(1, {rows}) AS n"
    )


def blank(column) -> str:
    """The value of a column that no table above names: of a document, the empty one."""
    kind = column.get_internal_type()
    return f"'{json.dumps(column.get_default())}'::jsonb" if kind == "JSONField" else BLANKS[kind]


@contextmanager
def indexes_at_the_end(model, *, is_large: bool):
    """A large table without its indexes, but for those of constraints, which are made again afterwards."""
    definitions = []
    with connection.cursor() as cursor:
        if is_large:
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
                "(SELECT conname FROM pg_constraint)",
                [model._meta.db_table],
            )
            definitions = cursor.fetchall()
        for name, _definition in definitions:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        for _name, definition in definitions:
            cursor.execute(definition)
