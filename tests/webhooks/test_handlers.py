"""The handlers that are made from the tables of event types and of object types."""

import pickle

import pytest

from pinax.stripe.catalogue.effects import FORMER_EVENT_TYPES, Effect, changes_own_tables, effect_of
from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.exceptions import AlreadyRegistered
from pinax.stripe.models import Card
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.webhooks import handlers
from pinax.stripe.webhooks.base import DeletedWebhook, MirrorWebhook, Webhook
from pinax.stripe.webhooks.handlers import HANDLERS, CustomerWebhook
from pinax.stripe.webhooks.registry import registry, types_of_interest

#: Event type -> name of its class, which is the signals' `sender`. Projects compare it: it never changes.
NAMES = {
    "charge.dispute.created": "DisputeWebhook",
    "charge.refund.updated": "RefundWebhook",
    "checkout.session.completed": "CheckoutSessionCompletedWebhook",
    "checkout.session.expired": "CheckoutSessionWebhook",
    "customer.card.created": "CardWebhook",
    "customer.created": "CustomerWebhook",
    "customer.deleted": "CustomerDeletedWebhook",
    "customer.source.created": "SourceWebhook",
    "customer.source.deleted": "SourceDeletedWebhook",
    "customer.subscription.deleted": "SubscriptionWebhook",
    "customer.updated": "CustomerWebhook",
    "invoice.upcoming": "InvoiceUnmirroredWebhook",
    "moon.landed": "UnknownWebhook",
    "payment_method.detached": "PaymentMethodDetachedWebhook",
    "payout.paid": "PayoutWebhook",
    "person.deleted": "PersonDeletedWebhook",
    "ping": "PingWebhook",
    "plan.deleted": "PlanDeletedWebhook",
    "v1.checkout.session.completed": "ThinCheckoutSessionCompletedWebhook",
}
#: Event types whose objects have a table of their own, and that tell nothing of such an object.
TELL_NOTHING = {"invoice.upcoming"}


@pytest.mark.parametrize("event_type", NAMES)
def test_a_class_has_the_name_that_is_promised(event_type):
    assert registry.get(event_type).__name__ == NAMES[event_type]


@pytest.mark.parametrize("event_type", HANDLERS)
def test_a_class_that_is_made_is_a_class_like_any_other(event_type):
    handler = HANDLERS[event_type]
    assert getattr(handlers, handler.__name__) is handler
    assert pickle.loads(pickle.dumps(handler)) is handler
    assert handler.name in ("", event_type)


def test_types_that_share_a_class_have_the_same_effect():
    for event_type, handler in HANDLERS.items():
        assert handler.__bases__ == (handlers.BASES[effect_of(event_type)],)


def test_what_ends_in_deleted_leaves_a_tombstone_but_for_a_subscription():
    tombstones = {name for name, handler in HANDLERS.items() if issubclass(handler, DeletedWebhook)}
    deleting = {name for name in HANDLERS if name.endswith(".deleted")}
    assert deleting - tombstones == {"customer.subscription.deleted"}
    assert tombstones <= deleting
    assert {"customer.deleted", "customer.card.deleted", "person.deleted", "product.deleted"} <= tombstones


def test_previews_are_not_mirrored():
    assert {name for name in HANDLERS if name in TELL_NOTHING} == TELL_NOTHING
    for name in TELL_NOTHING:
        assert effect_of(name) is Effect.NOTHING
        assert HANDLERS[name].__bases__ == (Webhook,)


def test_a_name_that_no_class_has_is_an_import_error():
    with pytest.raises(ImportError):
        from pinax.stripe.webhooks.handlers import MoonWebhook  # noqa: F401


def test_taking_a_type_that_has_a_class_must_be_meant(monkeypatch):
    monkeypatch.setattr(registry, "_handlers", {**registry._handlers})

    class Own(CustomerWebhook):
        """The project's."""

    with pytest.raises(AlreadyRegistered, match=r"is handled by pinax\.stripe\.webhooks\.handlers\.CustomerWebhook"):
        registry.register(Own, "customer.created")
    registry.register(Own, "customer.created", replace=True)
    assert registry.get("customer.created") is Own
    assert registry.get("customer.updated") is CustomerWebhook


def test_only_types_that_change_a_table_of_their_own_are_asked_for():
    asked = set(types_of_interest())
    special = {
        "account.application.authorized",
        "account.application.deauthorized",
        "entitlements.active_entitlement_summary.updated",
    }
    assert asked - special == {name for name in EVENT_TYPES if changes_own_tables(name) and EVENT_TYPES[name].current}
    assert not asked & {"climate.order.created", "source.mandate_notification", *TELL_NOTHING, *FORMER_EVENT_TYPES}


@pytest.mark.django_db(transaction=True)
def test_a_card_is_mirrored_and_removed_by_the_events_of_old_versions(client, fake_stripe):
    card = build_object("card", id="card_1", customer="cus_1")
    fake_stripe.emit("customer.card.created", card)
    fake_stripe.advance(5)
    fake_stripe.emit("customer.card.deleted", card)
    for event, is_deleted in zip(fake_stripe.events, (False, True), strict=True):
        assert post_event(client, event).status_code == 200
        assert Card.all_objects.get().is_deleted is is_deleted


def test_a_project_s_class_for_a_type_that_changes_nothing_is_asked_for(monkeypatch):
    monkeypatch.setattr(registry, "_handlers", {**registry._handlers})

    class Orders(MirrorWebhook):
        """The project's."""

    class Quiet(Webhook):
        """The project's, and does nothing."""

    registry.register(Orders, "climate.order.created", replace=True)
    registry.register(Quiet, "coupon.created", replace=True)
    assert "climate.order.created" in types_of_interest()
    assert "coupon.created" not in types_of_interest()
