"""Staff read on a session's page who paid how much, or that the customer went away, and whether a card was saved."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from pinax.stripe import models

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z", "created_at": "2026-01-01T00:00Z"}


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **{**TIMES, **columns})


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quote(row.pk)])
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def panel(found, title):
    (only,) = (panel for panel in found.panels if panel.title == title)
    return only


PAID = {"status": "complete", "payment_status": "paid", "customer_email": "ada@example.com"}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (PAID, "20.00 USD were paid by ada@example.com."),
        ({**PAID, "customer_email": ""}, "20.00 USD were paid by the customer."),
        ({**PAID, "amount_total": None}, "Paid by ada@example.com."),
        (
            {**PAID, "payment_status": "unpaid"},
            "Completed by ada@example.com, but 20.00 USD are not paid: the payment is on its way, or it failed.",
        ),
        (
            {**PAID, "payment_status": "no_payment_required"},
            "Completed by ada@example.com. There was nothing to pay.",
        ),
        ({**PAID, "mode": "setup"}, "Completed by ada@example.com: a payment method was saved for later."),
        ({"status": "expired"}, "Abandoned: the page closed on Jan. 2, 2026, and nothing was paid."),
        (
            {"status": "expired", "customer_email": "ada@example.com"},
            "Abandoned by ada@example.com: the page closed on Jan. 2, 2026, and nothing was paid.",
        ),
        ({"status": "open"}, "The customer is not done yet; the page closes on Jan. 2, 2026."),
        ({"status": "newer than this release"}, ""),
        ({"status": "open", "deleted_at": "2026-01-03T00:00Z"}, "Deleted at Stripe. This is its last known state."),
    ],
)
def test_a_session_says_who_paid_or_that_the_customer_went_away(admin_client, columns, expected):
    known = {"amount_total": 2000, "currency": "usd", "expires_at": "2026-01-02T12:00Z"}
    assert page(admin_client, mirror(models.CheckoutSession, "cs_1", **{**known, **columns})).summary == expected


def test_a_session_lists_what_was_bought(admin_client):
    session = mirror(models.CheckoutSession, "cs_1", status="complete")
    for number, name in enumerate(["Hat", "Scarf"]):
        columns = {"description": name, "quantity": 2, "currency": "usd", "amount_total": 1000}
        mirror(models.CheckoutLineItem, f"li_{number}", session=session, position=number, **columns)
    lines = panel(page(admin_client, session), "Lines")
    assert [str(row[1]) for row in lines.rows] == ["2", "2"]
    assert [">Hat<" in str(row[0]) for row in lines.rows] == [True, False]
    assert [str(row[-1]) for row in lines.rows] == ["10.00 USD", "10.00 USD"]


@pytest.mark.parametrize(
    "name", ["customer", "payment_intent", "subscription", "payment_link", "invoice", "setup_intent"]
)
def test_what_a_session_led_to_shows_it(admin_client, name):
    model = models.CheckoutSession._meta.get_field(name).related_model
    other = mirror(model, "other_1")
    mirror(models.CheckoutSession, "cs_1", status="complete", **{name: other})
    assert len(panel(page(admin_client, other), "Checkout sessions").rows) == 1


@pytest.mark.parametrize("query", ["cs_1", "ada@example.com", "order-7"])
def test_a_session_is_found_by_id_address_and_reference(admin_client, query):
    mirror(models.CheckoutSession, "cs_1", customer_email="ada@example.com", client_reference_id="order-7")
    mirror(models.CheckoutSession, "cs_2", customer_email="bob@example.com", client_reference_id="order-8")
    response = admin_client.get(reverse("admin:pinax_stripe_checkoutsession_changelist"), {"q": query})
    assert [row.pk for row in response.context["cl"].result_list] == ["cs_1"]


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        (True, "Each customer who opens it gets a checkout session of their own."),
        (False, "Customers who open it can no longer pay."),
        (None, ""),
    ],
)
def test_a_payment_link_says_whether_customers_can_pay(admin_client, active, expected):
    assert page(admin_client, mirror(models.PaymentLink, "plink_1", active=active)).summary == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "requires_payment_method"}, "No payment method is saved yet: the customer has to give one."),
        ({"status": "requires_payment_method", "error_message": "Declined."}, "Declined."),
        ({"status": "requires_payment_method", "error_code": "card_declined"}, "card_declined"),
        ({"status": "succeeded", "error_message": "Declined."}, "A payment method is saved and can be charged later."),
        ({"status": "canceled"}, "Canceled: no payment method was saved."),
        ({"status": "newer than this release"}, ""),
    ],
)
def test_a_setup_intent_says_whether_a_payment_method_is_saved(admin_client, columns, expected):
    assert page(admin_client, mirror(models.SetupIntent, "seti_1", **columns)).summary == expected


def test_a_setup_intent_lists_its_attempts(admin_client):
    intent = mirror(models.SetupIntent, "seti_1", status="succeeded")
    declined = mirror(
        models.SetupAttempt, "setatt_1", setup_intent=intent, status="failed", decline_code="insufficient_funds"
    )
    attempts = panel(page(admin_client, intent), "Setup attempts")
    assert "insufficient_funds" in str(attempts.rows[0])
    assert page(admin_client, declined).summary == "insufficient_funds"


OFFER = {"amount_total": 2000, "currency": "usd", "expires_at": "2026-01-02T12:00Z"}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "draft"}, "A draft: the customer cannot accept it before it is finalized."),
        ({"status": "open"}, "20.00 USD are offered; the customer can accept until Jan. 2, 2026."),
        ({"status": "accepted", "accepted_at": "2026-01-01T12:00Z"}, "The customer accepted on Jan. 1, 2026."),
        (
            {"status": "canceled", "canceled_at": "2026-01-01T12:00Z"},
            "Canceled on Jan. 1, 2026, or expired: the customer can no longer accept it.",
        ),
        ({"status": "newer than this release"}, ""),
    ],
)
def test_a_quote_says_how_much_is_offered_and_what_became_of_it(admin_client, columns, expected):
    assert page(admin_client, mirror(models.Quote, "qt_1", **{**OFFER, **columns})).summary == expected


def test_a_quote_lists_what_is_offered_and_is_on_the_customer_s_page(admin_client):
    quote = mirror(models.Quote, "qt_1", number="QT-1", customer=mirror(models.Customer, "cus_1"))
    mirror(models.CheckoutLineItem, "li_1", quote=quote, description="Hat")
    assert len(panel(page(admin_client, quote), "Lines").rows) == 1
    assert len(panel(page(admin_client, quote.customer), "Quotes").rows) == 1


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"active": True, "can_cancel": True, "can_change_plan": False, "can_change_payment_method": True},
            "In the portal, customers can: cancel a subscription, change the payment method.",
        ),
        (
            {"active": True},
            "In the portal, customers can change nothing about subscriptions and payment methods.",
        ),
        ({"active": False, "can_cancel": True}, "No customer gets to the portal with it."),
    ],
)
def test_a_portal_configuration_says_what_customers_can_do(admin_client, columns, expected):
    assert page(admin_client, mirror(models.PortalConfiguration, "bpc_1", **columns)).summary == expected


@pytest.mark.parametrize(
    ("active", "expected"),
    [(True, "Customers can choose it for 5.00 USD."), (False, "Customers can no longer choose it."), (None, "")],
)
def test_a_shipping_rate_says_what_it_costs(admin_client, active, expected):
    row = mirror(models.ShippingRate, "shr_1", active=active, amount=500, currency="usd")
    assert page(admin_client, row).summary == expected
