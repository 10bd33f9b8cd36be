"""Stripe's words in the language of the reader."""

import pytest
from django.urls import reverse
from django.utils import translation

from pinax.stripe import models
from pinax.stripe.admin.display.badges import SIGNS
from pinax.stripe.models.fields import StatusField, StringField
from pinax.stripe.models.words import TONES
from pinax.stripe.sync.registry import READERS, types_mirrored_by
from tests.catalogue.sdk import NEWEST, chosen_words, sdk_class


@pytest.mark.parametrize(
    ("model", "status", "german", "french"),
    [
        (models.Subscription, "canceled", "gekündigt", "résilié"),
        (models.PaymentIntent, "canceled", "abgebrochen", "annulé"),
        (models.Source, "canceled", "abgebrochen", "annulée"),
        (models.Invoice, "void", "storniert", "annulée"),
        (models.Invoice, "paid", "bezahlt", "payée"),
        (models.InvoicePayment, "paid", "bezahlt", "payé"),
        (models.Source, "failed", "fehlgeschlagen", "échouée"),
        (models.Charge, "failed", "fehlgeschlagen", "échoué"),
    ],
)
def test_a_status_agrees_with_what_it_is_said_of(model, status, german, french):
    word = model._meta.get_field("status").word(status)
    with translation.override("de"):
        assert str(word) == german
    with translation.override("fr"):
        assert str(word) == french


def test_words_newer_than_this_release_are_shown_as_stripe_writes_them():
    status, interval, nickname = (
        model._meta.get_field(name)
        for model, name in ((models.Subscription, "status"), (models.Price, "interval"), (models.Price, "nickname"))
    )
    assert (status.word("half_paid"), status.tone("half_paid")) == ("half paid", "quiet")
    assert interval.word("fortnight") == "fortnight"
    assert nickname.word("day") == "day"


COLUMNS = [column for model in READERS for column in model._meta.concrete_fields if isinstance(column, StringField)]
STATUSES = [column for column in COLUMNS if isinstance(column, StatusField)]


def label(column):
    return f"{column.model.__name__}.{column.name}"


#: Statuses of many types in one column.
OF_MANY_TYPES = {"OtherObject.status"}
#: Words that are names, the same in every language.
NAMES = {
    *("Charge.payment_method_type", "Dispute.payment_method_type", "PaymentMethod.brand", "PaymentMethod.type"),
    *("Source.brand", "Source.type", "TaxId.type"),
}
#: Codes of errors, which readers look up in Stripe's documentation: https://docs.stripe.com/error-codes
CODES = {"PaymentIntent.error_code", "SetupAttempt.error_code", "SetupIntent.error_code"}


def test_every_status_of_a_mirrored_type_has_its_words():
    assert {label(column) for column in STATUSES if not column.words} == OF_MANY_TYPES
    assert set(TONES) <= {value for column in STATUSES for value in column.words}
    assert {tone for column in STATUSES for tone in column.tones.values()} <= set(SIGNS)


@NEWEST
@pytest.mark.parametrize(
    "column",
    [column for column in COLUMNS if label(column) not in NAMES | CODES and len(types_mirrored_by(column.model)) == 1],
    ids=label,
)
def test_every_word_that_stripe_chooses_from_has_a_translation(column):
    name = types_mirrored_by(column.model)[0].name
    mirrored = sdk_class("bank_account" if name == "external_account" else name)
    chosen = {word for path in column.paths for word in chosen_words(mirrored, path)}
    assert chosen <= set(column.words)


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
