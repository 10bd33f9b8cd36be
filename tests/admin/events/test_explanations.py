"""What is on record beside a reason is put into words when it is shown."""

import pytest
from django.urls import reverse
from django.utils import translation

from pinax.stripe import models
from pinax.stripe.admin.events.explanations import reason_text
from pinax.stripe.catalogue.details import Detail
from pinax.stripe.exceptions import SignatureError
from pinax.stripe.testing import build_event, post_event
from pinax.stripe.testing.delivery import sign
from pinax.stripe.webhooks.signatures import verify


def refusal(header, *, now=1_000):
    """Code, detail and English sentence of a signature error."""
    with pytest.raises(SignatureError) as error:
        verify(b"{}", header, ["whsec_abcd"], tolerance=300, now=now)
    return error.value.code, error.value.explanation, str(error.value)


def said_of(code, **values):
    """Code, detail and English sentence of what is said beside a reason of the same event."""
    detail = Detail(code, values)
    return detail, str(detail)


@pytest.mark.parametrize(
    ("code", "detail", "said", "german"),
    [
        (*refusal(""), "Der Header Stripe-Signature fehlte in der POST-Anfrage."),
        (*refusal("nonsense"), "Der Header Stripe-Signature hat nicht die Form t=…,v1=…."),
        (*refusal("t=1000,v1=00"), "Mit keinem von PINAX_STRIPE_WEBHOOK_SECRETS (…abcd) signiert oder unterwegs"),
        (*refusal(sign(b"{}", "whsec_abcd", 10)), "Vor 990 Sekunden signiert, erlaubt sind 300."),
        (
            *refusal(sign(b"{}", "whsec_abcd", 2000)),
            "1000 Sekunden in der Zukunft signiert; kontrollieren Sie die Uhr.",
        ),
        (
            "api_error",
            *said_of("stripe_failed", message="500\nof a server"),
            "Fehler bei Stripe: 500\nof a server",
        ),
        ("request_refused", None, "No such thing (100%)", "No such thing (100%)"),
    ],
)
def test_a_detail_is_said_in_the_language_of_the_reader_and_stripes_words_as_they_are(code, detail, said, german):
    stored = detail and detail.stored()
    assert said in reason_text(code, stored, said)
    with translation.override("de"):
        assert german in reason_text(code, stored, said)


@pytest.mark.parametrize(
    ("code", "detail", "english", "german"),
    [
        (
            "not_json",
            Detail("body_is_not_json", {"message": "Expecting value"}),
            "The body is not JSON: Expecting value",
            "Der Inhalt ist kein JSON: Expecting value",
        ),
        (
            "key_refused",
            Detail("key_was_refused", {"message": "Invalid API Key provided"}),
            "Stripe refused the API key; set PINAX_STRIPE_SECRET_KEY to a valid one. (Invalid API Key provided)",
            "Stripe hat den API-Schlüssel abgelehnt; setzen Sie PINAX_STRIPE_SECRET_KEY auf einen gültigen. "
            "(Invalid API Key provided)",
        ),
    ],
)
def test_a_detail_that_contains_its_reason_is_shown_alone(code, detail, english, german):
    assert reason_text(code, detail.stored()) == english
    with translation.override("de"):
        assert reason_text(code, detail.stored()) == german


#: Reason and explanation of an event without a detail -> what the admin shows.
WITHOUT_DETAIL = {
    ("signature_missing", "The POST had no Stripe-Signature header."): (
        "The POST was not signed. The POST had no Stripe-Signature header."
    ),
    ("content_differs", "Stripe's copy differs in: data.object.email."): (
        "Stripe's copy of the event has different content. Stripe's copy differs in: data.object.email."
    ),
    ("no_answer", "No answer from Stripe: ReadTimeout"): (
        "Stripe did not answer in time. No answer from Stripe: ReadTimeout"
    ),
    ("unknown_account", "acct_1 was never connected here."): (
        "Stripe gives no access to this account, and no genuine event ever named it. acct_1 was never connected here."
    ),
    ("dashboard_test", ""): "A sample event from Stripe's dashboard. Stripe does not keep it.",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("columns", "shown"), WITHOUT_DETAIL.items(), ids=[reason for reason, _text in WITHOUT_DETAIL])
def test_an_event_without_a_detail_shows_its_explanation_as_it_was_stored(admin_client, columns, shown):
    reason, explanation = columns
    row = models.Event.objects.create(stripe_id="evt_1", reason=reason, explanation=explanation, valid=False)
    models.EventStep.objects.create(
        event=row, kind="validation", outcome=reason, data={"said": explanation} if explanation else {}
    )
    page = admin_client.get(reverse("admin:pinax_stripe_event_change", args=[row.pk])).context["page"]
    assert page.explanation.why == shown
    assert shown in [entry.text for entry in page.timeline]


@pytest.mark.parametrize(
    "stored", [None, 5, [], {"code": "of_a_newer_release", "values": {}}, {"code": "no_answer", "values": {"other": 1}}]
)
def test_a_detail_of_another_release_is_said_in_the_english_on_record(stored):
    assert reason_text("api_error", stored, "As it was stored.") == "Stripe had an error. As it was stored."


@pytest.mark.django_db(transaction=True)
def test_what_validation_puts_on_record_is_said_in_the_language_of_the_reader(
    client, admin_client, fake_stripe, settings
):
    fake_stripe.create("customer", id="cus_1")
    genuine = fake_stripe.events[-1]
    post_event(client, {**genuine, "type": "customer.updated"})
    post_event(client, build_event("customer.created", livemode=True))
    settings.PINAX_STRIPE_SECRET_KEY = ""
    post_event(client, genuine)
    settings.LANGUAGE_CODE = "de"
    pages = {
        event.reason: admin_client.get(reverse("admin:pinax_stripe_event_change", args=[event.pk])).context["page"]
        for event in models.Event.objects.all()
    }
    said = {reason: page.explanation.why for reason, page in pages.items()}
    assert said["identity_differs"].endswith("Abweichungen in der Kopie von Stripe: kind.")
    assert said["other_mode"].endswith("Ein Live-Ereignis, aber PINAX_STRIPE_SECRET_KEY ist ein Testschlüssel.")
    assert "Kein API-Schlüssel: Setzen Sie PINAX_STRIPE_SECRET_KEY" in said["no_key"]
    for reason, page in pages.items():
        assert [entry.text for entry in page.timeline if entry.text in said[reason]], reason


@pytest.mark.django_db(transaction=True)
def test_an_explanation_is_stored_as_code_and_values_and_in_english(client, fake_stripe):
    client.post("/stripe/webhook/", b"[\x00", content_type="application/json")
    row = models.Event.objects.get()
    assert row.reason == "not_json"
    assert row.detail["code"] == "body_is_not_json"
    assert row.explanation == f"The body is not JSON: {row.detail['values']['message']}"


@pytest.mark.django_db(transaction=True)
def test_what_stripe_said_is_stored_as_it_was_said(client, fake_stripe):
    post_event(client, build_event("customer.created", id="evt_1"))
    row = models.Event.objects.get()
    assert row.explanation == "No such event: 'evt_1'"
    assert row.detail is None
    assert [step.data for step in row.steps.filter(kind="validation")] == [{"said": "No such event: 'evt_1'"}]
