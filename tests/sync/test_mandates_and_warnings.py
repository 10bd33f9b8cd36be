"""A mandate that no event tells of, and a warning under its name of before 2019."""

import time

import pytest

from pinax.stripe.models import EarlyFraudWarning, Mandate
from pinax.stripe.testing import post_event

from .delivery import deliver


def test_a_new_mandate_is_read_once_with_the_setup_intent_that_names_it(client, stripe):
    stripe.now = int(time.time()) - 20  # Only a clock that is right tells when the mandate was read.
    stripe.create("mandate", id="mandate_1", payment_method="pm_1", status="pending")
    assert stripe.events == []  # Stripe makes none.
    stripe.create("setup_intent", id="seti_1", mandate="mandate_1", silent=True)
    for kind in ("created", "requires_action"):
        stripe.advance(2)
        stripe.emit(f"setup_intent.{kind}", "seti_1")
    deliver(client, stripe)
    row = Mandate.objects.get()
    assert (row.status, row.payment_method_id) == ("pending", "pm_1")
    assert stripe.calls("/v1/mandates/mandate_1") == 1
    stripe.advance(10)
    stripe.update("mandate_1", status="active")
    deliver(client, stripe)
    assert Mandate.objects.get().status == "active"
    assert stripe.calls("/v1/mandates/mandate_1") == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_warning_of_an_old_version_is_the_same_object(client, stripe, order):
    stripe.create("radar.early_fraud_warning", id="issfr_1", charge="ch_1", actionable=True, silent=True)
    old = {"id": "issfr_1", "object": "issuer_fraud_record", "charge": "ch_1", "fraud_type": "misc"}
    stripe.emit("issuer_fraud_record.created", old, keep=False)
    stripe.advance(2)
    stripe.update("issfr_1", actionable=False, fraud_type="misc")
    for number in order:
        assert post_event(client, stripe.events[number]).status_code == 200
    row = EarlyFraudWarning.objects.get()
    assert (row.pk, row.charge_id, row.fraud_type, row.actionable) == ("issfr_1", "ch_1", "misc", False)
