"""Pages and lists of payments say why one failed, and what Stripe tells the seller of it."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.testing import post_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def summary(client, admin_client, fake_stripe):
    """Creates an object, and gives the first line of its page."""

    def summary(object_type, **fields):
        data = fake_stripe.create(object_type, **fields)
        if not fake_stripe.events:
            fake_stripe.emit(f"{object_type}.updated", data["id"])
        for event in fake_stripe.events:
            assert post_event(client, event).status_code == 200
        name = object_type.replace("_", "")
        address = reverse(f"admin:pinax_stripe_{name}_change", args=[quote(data["id"])])
        return admin_client.get(address).context["page"].summary

    return summary


def outcome(kind, message):
    return {"type": kind, "seller_message": message, "risk_level": "normal"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {
                "status": "failed",
                "failure_message": "Declined.",
                "outcome": outcome("issuer_declined", "Do not honor."),
            },
            "Declined. Do not honor.",
        ),
        ({"status": "failed", "failure_message": "Declined.", "outcome": None}, "Declined."),
        ({"outcome": outcome("manual_review", "It is in your review queue.")}, "It is in your review queue."),
        ({"outcome": outcome("authorized", "Payment complete.")}, "20.00 USD were paid."),
    ],
)
def test_a_charge_says_why_it_failed_or_waits(summary, fields, text):
    assert summary("charge", **fields) == text


ERROR = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card has insufficient funds."}


def test_a_payment_intent_says_why_the_last_attempt_failed(summary, admin_client):
    assert summary("payment_intent", last_payment_error=ERROR) == "Your card has insufficient funds."
    listed = admin_client.get(reverse("admin:pinax_stripe_paymentintent_changelist")).content.decode()
    assert "insufficient_funds" in listed.replace("<wbr>", "")
    assert models.PaymentIntent.objects.get(decline_code="insufficient_funds").error_code == "card_declined"


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({"reason": "payment_failed", "feedback": None}, "; canceled: payments failed"),
        ({"reason": "cancellation_requested", "feedback": "too_expensive"}, "; canceled: on request, too expensive"),
        ({"reason": None, "feedback": None}, ""),
        (None, ""),
    ],
)
def test_a_subscription_says_why_it_was_canceled(summary, details, text):
    found = summary("subscription", status="canceled", cancellation_details=details)
    assert found == f"ended{text}"
