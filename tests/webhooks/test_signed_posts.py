"""With webhook secrets, a POST needs a signature, and what a signature confirms."""

import datetime

import pytest
from django.utils import timezone

from pinax.stripe.models import (
    Event,
)
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.webhooks.processing import Outcome, process

pytestmark = pytest.mark.django_db(transaction=True)


class TestSignatures:
    @pytest.fixture(autouse=True)
    def secrets(self, settings, fake_stripe):
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_old", "whsec_new"]

    def test_unsigned_posts_are_refused_without_a_call(self, client, fake_stripe, created):
        assert post_event(client, created).status_code == 400
        assert post_event(client, created, secret="whsec_evil").status_code == 400
        assert {event.reason for event in Event.objects.all()} == {"signature_missing", "signature_mismatch"}
        assert fake_stripe.requests == []

    def test_a_wrong_secret_is_told_by_its_end_and_given_away_by_nothing(self, client, created):
        post_event(client, created, secret="whsec_evil")
        explanation = Event.objects.get().explanation
        assert "…_old, …_new" in explanation
        assert "whsec_old" not in explanation

    @pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
    def test_every_secret_is_good(self, client, created, secret):
        assert post_event(client, created, secret=secret).status_code == 200
        assert Event.objects.get().signed

    @pytest.mark.parametrize("secret", ["whsec_new", "whsec_evil"])
    def test_what_a_signature_excuses_it_excuses_when_the_event_is_on_record_too(self, client, created, secret):
        """The body of a second endpoint, or the delivery of what a catch-up found first."""
        post_event(client, created, secret="whsec_new")
        data = {**created["data"]["object"], "a_field_of_one_endpoint": 1}
        response = post_event(client, {**created, "data": {"object": data}}, secret=secret)
        assert response.status_code == (200 if secret == "whsec_new" else 400)
        assert Event.objects.genuine().get().deliveries == (2 if secret == "whsec_new" else 1)

    def test_a_signature_alone_needs_no_call(self, client, settings, fake_stripe, created):
        settings.PINAX_STRIPE_VALIDATION = "signature"
        assert post_event(client, created, secret="whsec_new").status_code == 200
        assert Event.objects.get().processed
        assert fake_stripe.requests == []

    @pytest.mark.parametrize("secrets", ["", [], [""], None])
    def test_signature_mode_without_a_usable_secret_refuses_everything(self, client, settings, created, secrets):
        settings.PINAX_STRIPE_VALIDATION = "signature"
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = secrets
        assert post_event(client, created).status_code == 400
        assert post_event(client, created, secret=" ").status_code == 400
        assert {event.reason for event in Event.objects.all()} == {"no_secret"}

    def test_a_signature_is_as_old_as_the_post_and_not_as_the_wait(self, client, settings, created):
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_wrong"
        hour_ago = timezone.now() - datetime.timedelta(hours=1)
        assert post_event(client, created, secret="whsec_new", timestamp=int(hour_ago.timestamp())).status_code == 400
        Event.objects.update(recorded_at=hour_ago)
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_new"
        assert process_again(Event.objects.get().pk) is Outcome.DONE

    def test_an_event_of_the_other_mode_is_still_signed_when_its_secret_is_gone(self, client, settings, created):
        settings.PINAX_STRIPE_SECRET_KEY = "sk_live_fake"
        assert post_event(client, created, secret="whsec_old").status_code == 200
        assert Event.objects.get().reason == "other_mode"
        settings.PINAX_STRIPE_SECRET_KEY, settings.PINAX_STRIPE_WEBHOOK_SECRETS = "sk_test_fake", ["whsec_new"]
        assert process(Event.objects.get().pk) is Outcome.DONE

    @pytest.mark.parametrize(
        ("secrets", "status", "answer"),
        [
            (["whsec_old"], 401, 200),  # As API versions before 2016-10-19 say it.
            (["whsec_old"], 403, 200),
            (["whsec_old"], 404, 200),
            ([], 401, 503),  # The key may be bad.
            ([], 403, 503),  # Neither the account nor the key is named.
            ([], 404, 400),
        ],
    )
    def test_a_deauthorization_is_believed_by_its_signature_however_stripe_refuses(
        self, client, settings, fake_stripe, secrets, status, answer
    ):
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = secrets
        fake_stripe.fail(status=status)
        gone = build_event("account.application.deauthorized", {"object": "application"}, account="acct_1")
        assert post_event(client, gone, secret="whsec_old").status_code == answer
        assert Event.objects.get().valid is {200: True, 400: False, 503: None}[answer]

    def test_an_old_event_is_believed_by_its_signature_only(self, client, fake_stripe):
        old = build_event("customer.created", build_object("customer"), created=1_500_000_000)
        assert post_event(client, old, secret="whsec_new").status_code == 200
        assert Event.objects.get().notes == ["signature_only"]
