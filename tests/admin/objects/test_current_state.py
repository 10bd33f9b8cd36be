"""Pages and lists say how a thing stands now, not how it stood when an event last told of it."""

import datetime

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.display.pages import web_link
from pinax.stripe.admin.objects.subscriptions import next_of
from pinax.stripe.sync.registry import READERS

NOW = datetime.datetime(2026, 3, 15, 12, tzinfo=datetime.timezone.utc)
TIMES = {"as_of": NOW, "as_of_end": NOW}
SOON, PAST = NOW + datetime.timedelta(days=9), NOW - datetime.timedelta(days=9)


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    settings.TIME_ZONE = "UTC"
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **TIMES, **columns)


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    return client.get(url).context["page"]


def listed(client, model):
    return client.get(reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist")).content.decode()


#: Columns of a subscription -> what becomes of it.
COMES_NEXT = [
    ({"status": "active", "current_period_end": SOON}, "renews on March 24, 2026"),
    ({"status": "active", "current_period_end": PAST}, "should have been renewed on March 6, 2026"),
    ({"status": "active"}, ""),
    ({"status": "trialing", "trial_end": SOON, "current_period_end": SOON}, "trial until March 24, 2026"),
    ({"status": "trialing", "trial_end": PAST}, "the trial should have ended on March 6, 2026"),
    (
        {"status": "trialing", "trial_end": SOON, "cancel_at_period_end": True, "current_period_end": SOON},
        "ends on March 24, 2026",
    ),
    ({"status": "active", "cancel_at_period_end": True, "current_period_end": SOON}, "ends on March 24, 2026"),
    ({"status": "active", "cancel_at_period_end": True}, "ends at the end of its period"),
    ({"status": "active", "cancel_at": PAST}, "should have ended on March 6, 2026"),
    ({"status": "past_due", "current_period_end": SOON}, "a payment is overdue"),
    (
        {"status": "past_due", "cancel_at_period_end": True, "current_period_end": SOON},
        "a payment is overdue; ends on March 24, 2026",
    ),
    ({"status": "unpaid", "current_period_end": SOON}, "not paid; Stripe does not collect any more"),
    ({"status": "incomplete", "current_period_end": SOON}, "waits for its first payment"),
    ({"status": "incomplete_expired", "current_period_end": SOON}, "ended"),
    ({"status": "paused", "current_period_end": SOON}, "paused until it is resumed"),
    ({"status": "canceled", "ended_at": PAST, "current_period_end": SOON}, "ended on March 6, 2026"),
    ({"status": "canceled"}, "ended"),
    ({"status": "active", "deleted_at": PAST, "current_period_end": SOON}, "ended on March 6, 2026"),
    ({"status": "half_active", "current_period_end": SOON}, ""),
]


@pytest.mark.parametrize(("columns", "text"), COMES_NEXT)
def test_only_a_subscription_that_goes_on_renews(columns, text):
    assert next_of(models.Subscription(**columns)) == text


@pytest.mark.django_db
def test_a_subscription_whose_customer_is_deleted_does_not_renew(admin_client):
    mirror(models.Customer, "cus_1", deleted_at=NOW)
    row = mirror(models.Subscription, "sub_1", customer_id="cus_1", status="active", current_period_end=SOON)
    assert page(admin_client, row).summary == "ends because its customer was deleted"
    assert "ends because its customer was deleted" in listed(admin_client, models.Subscription)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pause", "said"),
    [
        ({"behavior": "void", "resumes_at": None}, "; its invoices are not collected for now"),
        ({"behavior": "void", "resumes_at": 1774353600}, "; its invoices are not collected until March 24, 2026"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_a_subscription_says_that_it_is_not_collected(admin_client, pause, said):
    data = {"pause_collection": pause}
    read = READERS[models.Subscription](data)
    paused = {name: read[name] for name in ("pause_behavior", "pause_resumes_at")}
    row = mirror(models.Subscription, "sub_1", status="active", current_period_end=SOON, stripe_data=data, **paused)
    assert page(admin_client, row).summary == f"renews on March 24, 2026{said}"


#: Columns of a coupon -> its state.
COUPONS = [
    ({"valid": True}, "valid"),
    ({"valid": None}, "valid"),
    ({"valid": True, "redeem_by": SOON, "max_redemptions": 5, "times_redeemed": 4}, "valid"),
    ({"valid": True, "redeem_by": PAST}, "expired"),
    ({"valid": True, "max_redemptions": 5, "times_redeemed": 5}, "used up"),
    ({"valid": False}, "not valid"),
    ({"valid": True, "deleted_at": NOW}, "deleted"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("columns", "state"), COUPONS)
def test_a_coupon_is_valid_only_while_it_can_be_redeemed(admin_client, columns, state):
    row = mirror(models.Coupon, "WELCOME", percent_off=25, **columns)
    html = listed(admin_client, models.Coupon)
    words = {"valid", "expired", "used up", "not valid", "deleted"}
    assert {word for word in words if f"</span> {word}</span>" in html} == {state}
    found = page(admin_client, row)
    assert f" {state}</span>" in str(found.badges[0])
    assert "Valid" not in dict(found.facts[0].rows)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [models.Product, models.Price, models.Plan])
@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"active": True}, "active"),
        ({"active": False}, "archived"),
        ({"active": True, "deleted_at": NOW}, "deleted"),
        ({"active": None}, ""),
    ],
)
def test_what_is_deleted_or_archived_is_not_active(admin_client, model, columns, state):
    row = mirror(model, "x", **columns)
    html = listed(admin_client, model)
    assert {word for word in ("active", "archived", "deleted") if f"</span> {word}</span>" in html} == {state} - {""}
    found = page(admin_client, row)
    assert [f" {state}</span>" in str(badge) for badge in found.badges] == [True] * bool(state)
    assert "Active" not in dict(found.facts[0].rows)


#: Columns of a card -> the mark on its page.
CARDS = [
    ({"exp_year": 2026, "exp_month": 3}, ""),
    ({"exp_year": 2026, "exp_month": 2}, "expired"),
    ({"exp_year": 2025, "exp_month": 12}, "expired"),
    ({"exp_year": 2027, "exp_month": 1}, ""),
    ({}, ""),
    ({"exp_year": 2025, "exp_month": 12, "deleted_at": NOW}, "deleted"),
    ({"exp_year": 2025, "exp_month": 12, "customer_id": None}, "without a customer"),
    ({"customer_id": "cus_gone"}, "customer deleted"),
    ({"customer_id": "cus_later"}, ""),
]


@pytest.mark.django_db
@pytest.mark.parametrize("model", [models.PaymentMethod, models.Card, models.Source])
@pytest.mark.parametrize(("columns", "mark"), CARDS)
def test_a_card_that_cannot_be_charged_is_marked(admin_client, model, columns, mark):
    mirror(models.Customer, "cus_1")
    mirror(models.Customer, "cus_gone", deleted_at=NOW)
    row = mirror(model, "x", **{"customer_id": "cus_1", "last4": "4242", **columns})
    found = [str(badge).rpartition("</span> ")[2].removesuffix("</span>") for badge in page(admin_client, row).badges]
    assert found == [mark] * bool(mark)
    is_over = (columns.get("exp_year") or 9999, columns.get("exp_month") or 0) < (2026, 3)
    assert ("</span> expired</span>" in listed(admin_client, model)) is is_over


@pytest.mark.django_db
def test_an_expired_card_is_marked_on_the_page_of_its_customer(admin_client):
    customer = mirror(models.Customer, "cus_1")
    mirror(models.PaymentMethod, "pm_1", customer_id="cus_1", exp_year=2026, exp_month=2)
    mirror(models.Card, "card_1", customer_id="cus_1", exp_year=2026, exp_month=3)
    [panel] = [panel for panel in page(admin_client, customer).panels if "Cards" in str(panel.title)]
    assert {"expired" in str(cells[3]) for cells in panel.rows if "pm_1" in str(cells[0])} == {True}
    assert {"expired" in str(cells[3]) for cells in panel.rows if "card_1" in str(cells[0])} == {False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "column"),
    [
        (models.Invoice, "hosted_invoice_url"),
        (models.Invoice, "invoice_pdf"),
        (models.Charge, "receipt_url"),
        (models.Product, "url"),
    ],
)
def test_addresses_of_pages_are_links(admin_client, model, column):
    address = "https://invoice.stripe.com/i/acct_1/test_YWNjdF8xTTJKVGtMa2RJd0h1N2l4LF9P?s=ap"
    row = mirror(model, "x_1", **{column: address})
    shown = [str(value) for _name, value in page(admin_client, row).facts[0].rows]
    assert any(
        text.startswith(f'<a href="{address}" rel="noopener noreferrer">invoice.stripe.com/i/') for text in shown
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://shop.example", '<a href="http://shop.example" rel="noopener noreferrer">shop.example</a>'),
        (
            'https://a.example/?q="><b>',
            '<a href="https://a.example/?q=&quot;&gt;&lt;b&gt;" rel="noopener noreferrer">a.example</a>',
        ),
        (
            "https://exa\u2100mple.com/x",
            '<a href="https://exa\u2100mple.com/x" rel="noopener noreferrer">exa\u2100mple.com/x</a>',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("data:text/html,x", "data:text/html,x"),
        (" https://a.example", "https://a.example"),
        ("https://stripe.com@evil.example/", "https://stripe.com@evil.example/"),
        ("https://", "https://"),
        ("", ""),
        ("https://pay.example/?s=seti_1_secret_AbCdEfGh", "https://pay.example/?s=seti_1_secret_…"),
    ],
)
def test_only_what_a_browser_should_open_is_a_link(address, shown):
    # Whether Django's display of text keeps spaces at its ends depends on the version.
    assert str(web_link(address)).strip() == shown
