"""Stripe's words, and what is on record in English, in the words of the reader."""

import pytest
from django.urls import reverse
from django.utils import translation

from pinax.stripe import models
from pinax.stripe.admin.display.badges import STATUS_TONES
from pinax.stripe.admin.display.labels import STATUSES, VALUES, status_word, value_word
from pinax.stripe.admin.events.explanations import reason_text
from pinax.stripe.exceptions import SignatureError
from pinax.stripe.models.mirror import MirroredObject
from pinax.stripe.testing import build_event, post_event
from pinax.stripe.testing.delivery import sign
from pinax.stripe.webhooks.signatures import verify


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


def refusal(header, *, now=1_000):
    """What a signature error says."""
    with pytest.raises(SignatureError) as error:
        verify(b"{}", header, ["whsec_abcd"], tolerance=300, now=now)
    return error.value.code, str(error.value)


@pytest.mark.parametrize(
    ("code", "said", "german"),
    [
        (*refusal(""), "Der Header Stripe-Signature fehlte in der POST-Anfrage."),
        (*refusal("nonsense"), "Der Header Stripe-Signature hat nicht die Form t=…,v1=…."),
        (*refusal("t=1000,v1=00"), "Mit keinem von PINAX_STRIPE_WEBHOOK_SECRETS (…abcd) signiert oder unterwegs"),
        (*refusal(sign(b"{}", "whsec_abcd", 10)), "Vor 990 Sekunden signiert, erlaubt sind 300."),
        (
            *refusal(sign(b"{}", "whsec_abcd", 2000)),
            "1000 Sekunden in der Zukunft signiert; kontrollieren Sie die Uhr.",
        ),
        ("api_error", "Stripe failed: 500\nof a server", "Fehler bei Stripe: 500\nof a server"),
        ("request_refused", "No such thing (100%)", "No such thing (100%)"),
    ],
)
def test_what_is_on_record_in_english_is_said_in_the_reader_s_language(code, said, german):
    assert said in reason_text(code, said)
    with translation.override("de"):
        assert german in reason_text(code, said)


@pytest.mark.django_db(transaction=True)
def test_what_validation_puts_on_record_is_said_in_the_reader_s_language(client, admin_client, fake_stripe, settings):
    fake_stripe.create("customer", id="cus_1")
    genuine = fake_stripe.events[-1]
    post_event(client, {**genuine, "type": "customer.updated"})
    post_event(client, build_event("customer.created", livemode=True))
    settings.PINAX_STRIPE_SECRET_KEY = ""
    post_event(client, genuine)
    settings.LANGUAGE_CODE = "de"
    said = {
        event.reason: admin_client.get(reverse("admin:pinax_stripe_event_change", args=[event.pk]))
        .context["page"]
        .explanation.why
        for event in models.Event.objects.all()
    }
    assert said["identity_differs"].endswith("Abweichungen in der Kopie von Stripe: kind.")
    assert said["other_mode"].endswith("Ein Live-Ereignis, aber PINAX_STRIPE_SECRET_KEY ist ein Testschlüssel.")
    assert "Kein API-Schlüssel: Setzen Sie PINAX_STRIPE_SECRET_KEY" in said["no_key"]
