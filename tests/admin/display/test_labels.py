"""Stripe's words in the language of the reader."""

import pytest
from django.urls import reverse
from django.utils import translation

from pinax.stripe import models
from pinax.stripe.admin.display.badges import STATUS_TONES
from pinax.stripe.admin.display.labels import STATUSES, VALUES, status_word, value_word
from pinax.stripe.models.mirror import MirroredObject


@pytest.mark.parametrize(
    ("model", "status", "german", "french"),
    [
        ("subscription", "canceled", "gekündigt", "résilié"),
        ("paymentintent", "canceled", "abgebrochen", "annulé"),
        ("source", "canceled", "abgebrochen", "annulée"),
        ("invoice", "void", "storniert", "annulée"),
        ("invoice", "paid", "bezahlt", "payée"),
        ("invoicepayment", "paid", "bezahlt", "payé"),
        ("source", "failed", "fehlgeschlagen", "échouée"),
        ("charge", "failed", "fehlgeschlagen", "échoué"),
    ],
)
def test_a_status_agrees_with_what_it_is_said_of(model, status, german, french):
    with translation.override("de"):
        assert str(status_word(model, status)) == german
    with translation.override("fr"):
        assert str(status_word(model, status)) == french


def test_words_newer_than_this_release_are_shown_as_stripe_writes_them():
    assert status_word("subscription", "half_paid") == "half paid"
    assert value_word("interval", "fortnight") == "fortnight"
    assert value_word("nickname", "day") == "day"


def test_every_table_of_words_is_about_something_that_exists():
    models_by_name = {model._meta.model_name: model for model in MirroredObject.__subclasses__()}
    with_status = {
        name
        for name, model in models_by_name.items()
        if "status" in {column.name for column in model._meta.concrete_fields}
    }
    assert set(STATUSES) == with_status
    columns = {column.name for model in models_by_name.values() for column in model._meta.concrete_fields}
    assert set(VALUES) <= columns
    assert set(STATUS_TONES) <= {status for words in STATUSES.values() for status in words}


@pytest.mark.django_db
def test_pages_and_lists_say_values_in_the_reader_s_language(admin_client, settings):
    settings.LANGUAGE_CODE = "de"
    moments = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z"}
    models.Price.all_objects.create(id="price_1", stripe_id="price_1", interval="month", currency="eur", **moments)
    models.Coupon.all_objects.create(id="WELCOME", stripe_id="WELCOME", duration="once", **moments)
    page = admin_client.get(reverse("admin:pinax_stripe_price_change", args=["price_1"])).context["page"]
    facts = dict(page.facts[0].rows)
    assert (facts["Intervall"], facts["Währung"]) == ("Monat", "EUR")
    for model, word in (("price", "Monat"), ("coupon", "einmalig")):
        assert (
            f"<div>{word}</div>" in admin_client.get(reverse(f"admin:pinax_stripe_{model}_changelist")).content.decode()
        )
