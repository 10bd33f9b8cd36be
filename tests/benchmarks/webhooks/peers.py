"""Whom the benchmark compares: a table of projects that differ in nothing else."""

from dataclasses import dataclass, field
from typing import Any

from pinax.stripe.testing.fake_stripe.reads import PLATFORM

#: Stands for the address of Stripe's API.
API = "{api}"
SECRET_KEY = "sk_test_benchmark000000000000000000"
WEBHOOK_SECRET = "whsec_benchmark0000000000000000000000"
DJSTRIPE_ENDPOINT = "00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way to take a webhook."""

    name: str
    title: str
    #: The peer that it is compared with.
    floor: str
    #: Of the webhook.
    path: str
    settings: dict[str, Any]
    #: Pattern of the names of the tables that have the events, with all that belongs to them.
    event_tables: str
    #: What has to be right at the end (see checks.py) -> SQL of ids and values.
    checks: dict[str, str] = field(default_factory=dict)
    #: Whether it asks Stripe's API, so that it matters how far away that is.
    asks_api: bool = True
    #: The virtual environment with it; "" is that of the benchmark.
    environment: str = ""
    #: Python code to run once in the migrated database.
    set_up: str = ""

    @property
    def is_ours(self) -> bool:
        return "pinax.stripe" in self.settings["INSTALLED_APPS"]


#: With these OPTIONS of the database, PostgreSQL keeps the plans of statements that come again.
PREPARED = {"DATABASE_OPTIONS": {"server_side_binding": True, "prepare_threshold": 5}}


def floor(name: str, **values: Any) -> Peer:
    settings = {
        "INSTALLED_APPS": ["tests.benchmarks.webhooks.floor"],
        "ROOT_URLCONF": "tests.benchmarks.webhooks.floor.urls",
        "FLOOR_API_BASE": API,
        "FLOOR_SECRET_KEY": SECRET_KEY,
        "FLOOR_WEBHOOK_SECRET": WEBHOOK_SECRET,
        **values.pop("settings", {}),
    }
    return Peer(name=name, settings=settings, event_tables="floor_event", **{"floor": name, **values})


def ours(name: str, *, checks: dict[str, str], **values: Any) -> Peer:
    settings = {
        "INSTALLED_APPS": ["pinax.stripe"],
        "ROOT_URLCONF": "pinax.stripe.urls",
        "PINAX_STRIPE_API_BASE": API,
        "PINAX_STRIPE_SECRET_KEY": SECRET_KEY,
        "PINAX_STRIPE_WEBHOOK_SECRETS": [WEBHOOK_SECRET],
        **values.pop("settings", {}),
    }
    return Peer(
        name=name, path="/webhook/", settings=settings, event_tables="pinax_stripe_event%", checks=checks, **values
    )


OUR_CHECKS = {
    "event type": "SELECT stripe_id, kind FROM pinax_stripe_event",
    "event done": "SELECT stripe_id, state = 'done' FROM pinax_stripe_event",
    "customer email": "SELECT stripe_id, email FROM pinax_stripe_customer",
    "customer default payment method": "SELECT stripe_id, default_payment_method FROM pinax_stripe_customer",
    "payment method customer": "SELECT stripe_id, customer_id FROM pinax_stripe_paymentmethod",
    "subscription status": "SELECT stripe_id, status FROM pinax_stripe_subscription",
    "subscription latest invoice": "SELECT stripe_id, stripe_data->>'latest_invoice' FROM pinax_stripe_subscription",
    "invoice status": "SELECT stripe_id, status FROM pinax_stripe_invoice",
    "invoice amount paid": "SELECT stripe_id, amount_paid FROM pinax_stripe_invoice",
    "charge amount": "SELECT stripe_id, amount FROM pinax_stripe_charge",
    "payment intent status": "SELECT stripe_id, status FROM pinax_stripe_paymentintent",
    "price amount": "SELECT stripe_id, unit_amount FROM pinax_stripe_price",
}
FLOOR_CHECKS = {"event type": "SELECT stripe_id, kind FROM floor_event"}
#: dj-stripe keeps what was posted in one table and the event in another, and objects as JSON.
DJSTRIPE_CHECKS = {
    "event type": "SELECT id, type FROM djstripe_event",
    "event done": (
        "SELECT body::json->>'id', valid AND processed AND exception = '' FROM djstripe_webhookeventtrigger"
    ),
    "customer email": "SELECT id, stripe_data->>'email' FROM djstripe_customer",
    "customer default payment method": "SELECT id, default_payment_method_id FROM djstripe_customer",
    "payment method customer": "SELECT id, customer_id FROM djstripe_paymentmethod",
    "subscription status": "SELECT id, stripe_data->>'status' FROM djstripe_subscription",
    "subscription latest invoice": "SELECT id, stripe_data->>'latest_invoice' FROM djstripe_subscription",
    "invoice status": "SELECT id, stripe_data->>'status' FROM djstripe_invoice",
    "invoice amount paid": "SELECT id, (stripe_data->>'amount_paid')::bigint FROM djstripe_invoice",
    "charge amount": "SELECT id, round(amount * 100)::bigint FROM djstripe_charge",
    "payment intent status": "SELECT id, stripe_data->>'status' FROM djstripe_paymentintent",
    "price amount": "SELECT id, (stripe_data->>'unit_amount')::bigint FROM djstripe_price",
}
#: The account, its key and its endpoint, as dj-stripe has them when an endpoint works.
DJSTRIPE_SET_UP = f"""
from djstripe import models
account = models.Account.objects.create(id="{PLATFORM}", livemode=False, stripe_data={{}})
models.APIKey.objects.create(
    id="key_benchmark", secret="{SECRET_KEY}", type="secret", livemode=False, djstripe_owner_account=account
)
models.WebhookEndpoint.objects.create(
    id="we_benchmark", djstripe_uuid="{DJSTRIPE_ENDPOINT}", djstripe_owner_account=account, livemode=False,
    secret="{WEBHOOK_SECRET}", url="https://example.com/", status="enabled", enabled_events=["*"], stripe_data={{}},
    api_version="2026-05-27.dahlia", djstripe_validation_method="verify_signature"
)
"""

FLOOR_B: dict[str, Any] = {
    "path": "/floor/b/",
    "checks": {**FLOOR_CHECKS, "customer": "SELECT stripe_id, stripe_id FROM floor_customer"},
}
PEERS = [
    floor("floor_a", title="floor a", path="/floor/a/", checks=FLOOR_CHECKS, asks_api=False),
    floor("floor_b", title="floor b", **FLOOR_B),
    floor("floor_b_prepared", title="floor b, prepared", floor="floor_b", settings=PREPARED, **FLOOR_B),
    ours("refetch", title="pinax-stripe, re-fetch", floor="floor_b", checks=OUR_CHECKS),
    ours(
        "signature",
        title="pinax-stripe, signature",
        floor="floor_b",
        settings={"PINAX_STRIPE_VALIDATION": "signature"},
        checks=OUR_CHECKS,
        asks_api=False,
    ),
    # What it leaves waiting is processed after each round, hence all the checks.
    ours(
        "recorded",
        title="pinax-stripe, recorded only",
        floor="floor_a",
        settings={"PINAX_STRIPE_DISPATCH": "tests.benchmarks.webhooks.backlog.leave"},
        checks=OUR_CHECKS,
        asks_api=False,
    ),
    Peer(
        name="djstripe",
        title="dj-stripe 2.11, signature",
        floor="floor_b",
        path=f"/webhook/{DJSTRIPE_ENDPOINT}/",
        settings={
            "INSTALLED_APPS": ["djstripe"],
            "ROOT_URLCONF": "djstripe.urls",
            "STRIPE_TEST_SECRET_KEY": SECRET_KEY,
            "STRIPE_LIVE_MODE": False,
            "STRIPE_API_HOST": API,
            "DJSTRIPE_FOREIGN_KEY_TO_FIELD": "id",
        },
        event_tables="djstripe_%event%",
        checks=DJSTRIPE_CHECKS,
        environment="djstripe",
        set_up=DJSTRIPE_SET_UP,
    ),
]


def chosen(names: list[str]) -> list[Peer]:
    """The peers of those names, the floors that they are compared with in any case; all without names."""
    known = {peer.name: peer for peer in PEERS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"There is no {', '.join(unknown)}; there are {', '.join(known)}.")
    wanted = {*names, *(known[name].floor for name in names)} or set(known)
    return [peer for peer in PEERS if peer.name in wanted]
