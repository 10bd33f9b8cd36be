"""The demo's project, with what differs at localstripe."""

from tests.demo.settings import *  # noqa: F403

PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_localstripe"
#: localstripe has no `invoice.paid`.
DEMO_PAID = "invoice.payment_succeeded"
