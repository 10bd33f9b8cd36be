"""Staff read what a review, an early fraud warning or a mandate is, and what comes next."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pinax.stripe import models

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z", "created_at": "2026-01-01T00:00Z"}


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **{**TIMES, **columns})


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def listed(client, model, **query):
    response = client.get(reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist"), query)
    return [row.pk for row in response.context["cl"].result_list]


@pytest.mark.parametrize(
    ("model", "columns", "expected"),
    [
        (models.Review, {"open": True, "opened_reason": "rule"}, "Reason: a rule of Radar. Approve it"),
        (models.Review, {"open": True, "reason": "manual"}, "Reason: opened by hand. Approve it"),
        (models.Review, {"open": False, "closed_reason": "refunded_as_fraud"}, "Reason: payment refunded as fraud."),
        (models.Review, {"open": False, "reason": "approved"}, "Reason: approved. Nothing is left to do."),
        (models.Review, {"open": None}, ""),
        (models.EarlyFraudWarning, {"actionable": True, "fraud_type": "misc"}, "a full refund of the charge prevents"),
        (models.EarlyFraudWarning, {"actionable": False}, "nothing is left to do here"),
        (models.EarlyFraudWarning, {"actionable": None}, ""),
        (
            models.Mandate,
            {"status": "active", "type": "multi_use", "payment_method_type": "sepa_debit"},
            "The customer allows payments by sepa_debit: for several payments.",
        ),
        (
            models.Mandate,
            {"status": "pending", "type": "single_use", "amount": 2000, "currency": "eur"},
            "is not confirmed yet: 20.00 EUR.",
        ),
        (models.Mandate, {"status": "inactive"}, "ask the customer for a new mandate"),
        (models.Mandate, {"status": "adjudicated"}, ""),
    ],
)
def test_a_page_says_what_comes_next(admin_client, model, columns, expected):
    found = str(page(admin_client, mirror(model, "x_1", **columns)).summary)
    assert expected in found
    assert bool(found) == bool(expected)


def test_the_page_of_the_charge_shows_its_review_and_its_warning(admin_client):
    charge = mirror(models.Charge, "ch_1", amount=2000, currency="usd")
    mirror(models.Review, "prv_1", charge_id="ch_1", open=True)
    mirror(models.EarlyFraudWarning, "issfr_1", charge_id="ch_1", actionable=True)
    with CaptureQueriesContext(connection) as context:
        panels = {panel.title: panel.rows for panel in page(admin_client, charge).panels}
    assert "prv_1" in str(panels["Reviews"])
    assert "issfr_1" in str(panels["Early fraud warnings"])
    assert len(context.captured_queries) <= 10


def test_the_page_of_a_payment_method_shows_its_mandates(admin_client):
    method = mirror(models.PaymentMethod, "pm_1", type="sepa_debit")
    mirror(models.Mandate, "mandate_1", payment_method_id="pm_1", status="active")
    panels = {panel.title: panel.rows for panel in page(admin_client, method).panels}
    assert "mandate_1" in str(panels["Mandates"])


def test_the_lists_show_what_waits_for_staff(admin_client):
    mirror(models.Review, "prv_1", open=True)
    mirror(models.Review, "prv_2", open=False)
    mirror(models.EarlyFraudWarning, "issfr_1", actionable=True)
    mirror(models.EarlyFraudWarning, "issfr_2", actionable=False)
    assert listed(admin_client, models.Review, open="yes") == ["prv_1"]
    assert listed(admin_client, models.Review, open="no") == ["prv_2"]
    assert listed(admin_client, models.EarlyFraudWarning, actionable="yes") == ["issfr_1"]
    assert listed(admin_client, models.EarlyFraudWarning, actionable="no") == ["issfr_2"]
