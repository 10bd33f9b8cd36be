"""What a project's type checker sees of the public API: mypy checks this file, nothing runs it.

Each line with `type: ignore` is a mistake that has to be found; mypy fails when one is not (`warn_unused_ignores`).
"""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, assert_type

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.test import Client

from pinax.stripe import tasks
from pinax.stripe.actions import webhook_endpoints
from pinax.stripe.backfill.scheduled import read_what_is_new, verify_sample
from pinax.stripe.conf import key_livemode, setting, webhook_secrets
from pinax.stripe.contrib import opentelemetry, prometheus
from pinax.stripe.exceptions import FinalStripeError, Ignore, PinaxStripeError, RetryLater, StripeError
from pinax.stripe.models import (
    BalanceTransaction,
    BankAccount,
    Card,
    Charge,
    CheckoutSession,
    Coupon,
    Customer,
    Dispute,
    Event,
    EventProcessingException,
    EventStep,
    Invoice,
    InvoiceLineItem,
    InvoicePayment,
    MirroredObject,
    OtherObject,
    PaymentIntent,
    PaymentMethod,
    Payout,
    Plan,
    Price,
    Product,
    ReceiverCall,
    Refund,
    Source,
    Subscription,
    SubscriptionItem,
    mirror_key,
)
from pinax.stripe.models.accounts import account_reference
from pinax.stripe.models.customers import checkout_reference, user_reference
from pinax.stripe.models.events import EventQuerySet
from pinax.stripe.models.subscriptions import SubscriptionQuerySet
from pinax.stripe.signals import WEBHOOK_SIGNALS, EventSignal, Receiver, every_event, failed_event, invalid_event
from pinax.stripe.sync import sync_from_stripe
from pinax.stripe.testing import FakeStripe, build_event, build_object, post_event, sign
from pinax.stripe.webhooks.base import MirrorWebhook, Webhook
from pinax.stripe.webhooks.processing import process
from pinax.stripe.webhooks.registry import register, types_of_interest
from pinax.stripe.webhooks.retries import claim, when_due


def managers_give_rows_of_their_model() -> None:
    assert_type(BankAccount.objects.get(), BankAccount)
    assert_type(Card.objects.get(), Card)
    assert_type(Charge.objects.get(), Charge)
    assert_type(Coupon.objects.get(), Coupon)
    assert_type(Customer.objects.get(), Customer)
    assert_type(Event.objects.get(), Event)
    assert_type(Invoice.objects.get(), Invoice)
    assert_type(InvoiceLineItem.objects.get(), InvoiceLineItem)
    assert_type(InvoicePayment.objects.get(), InvoicePayment)
    assert_type(OtherObject.objects.get(), OtherObject)
    assert_type(PaymentIntent.objects.get(), PaymentIntent)
    assert_type(PaymentMethod.objects.get(), PaymentMethod)
    assert_type(Plan.objects.get(), Plan)
    assert_type(Price.objects.get(), Price)
    assert_type(Product.objects.get(), Product)
    assert_type(Refund.objects.get(), Refund)
    assert_type(Source.objects.get(), Source)
    assert_type(Subscription.objects.get(), Subscription)
    assert_type(SubscriptionItem.objects.get(), SubscriptionItem)
    assert_type(Customer.all_objects.filter(email="").first(), Customer | None)
    assert_type(Subscription.all_objects.get(), Subscription)
    Customer.objects.get().subscription  # type: ignore[attr-defined]
    assert_type(Customer.all_objects.get(), Subscription)  # type: ignore[assert-type]


def what_a_project_got_from_stripe_becomes_a_row(data: dict[str, Any]) -> None:
    assert_type(sync_from_stripe(data), MirroredObject)
    assert_type(sync_from_stripe(data, account="acct_1"), MirroredObject)
    assert_type(Customer.sync_from_stripe_data(data), Customer)
    assert_type(Subscription.sync_from_stripe_data(data, account=""), Subscription)
    assert_type(Customer.objects.fetch("cus_1"), Customer)
    assert_type(Subscription.objects.fetch("sub_1", account="acct_1"), Subscription)
    assert_type(Card.objects.fetch("card_1", customer="cus_1"), Card)
    assert_type(OtherObject.objects.fetch("climorder_1", object_type="climate.order"), OtherObject)
    assert_type(Invoice.objects.get().refresh_from_stripe(), Invoice)
    Customer.objects.fetch(1)  # type: ignore[arg-type]


def querysets_of_events_chain(events: EventQuerySet) -> None:
    assert_type(Event.objects.genuine().get(), Event)
    assert_type(Event.objects.undecided().get(), Event)
    assert_type(Event.objects.refused().get(), Event)
    assert_type(Event.objects.undone().failed().due().get(), Event)
    assert_type(events.filter(kind="").first(), Event | None)
    Event.objects.paid()  # type: ignore[attr-defined]


def references_may_point_at_nothing_yet(
    subscription: Subscription, item: SubscriptionItem, invoice: Invoice, charge: Charge
) -> None:
    assert_type(subscription.customer, Customer | None)
    assert_type(subscription.customer_id, str | None)
    assert_type(subscription.plan, Plan | None)
    assert_type(subscription.latest_invoice, Invoice | None)
    assert_type(item.price, Price | None)
    assert_type(invoice.subscription, Subscription | None)
    assert_type(charge.payment_intent, PaymentIntent | None)
    subscription.customer.email  # type: ignore[union-attr]


def questions(customer: Customer, since: datetime.datetime, until: datetime.datetime) -> None:
    assert_type(Subscription.objects.past_due(), SubscriptionQuerySet)
    subscriptions = Subscription.objects.started(since, until).ended(since).trials_ending(7).will_cancel()
    assert_type(subscriptions.churn(since).rate, Decimal | None)
    assert_type(Subscription.objects.filter(livemode=True).mrr()[0].amount, Decimal)
    assert_type(Charge.objects.paid(since, until).failed(since).refunded().disputed().get(), Charge)
    assert_type(BalanceTransaction.objects.revenue(since)[0].net, int)
    disputes = [Dispute.objects.open(), Dispute.objects.won(), Dispute.objects.lost()]
    assert_type(disputes[0].get(), Dispute)
    assert_type(Payout.objects.under_way().get().contents()[0].amount, int)
    assert_type(CheckoutSession.objects.abandoned(since).get(), CheckoutSession)
    customers = Customer.objects.with_coupon().with_card_expiring(days=14).owing().without_plan()
    assert_type(customers.get().lifetime()[0].net, int)
    assert_type(Invoice.objects.owed().get(), Invoice)


def lists_of_a_customer(customer: Customer, user: User) -> None:
    assert_type(customer.user, User | None)
    assert_type(customer.subscriptions.get(), Subscription)
    assert_type(customer.subscriptions.active(), SubscriptionQuerySet)
    assert_type(customer.invoices.first(), Invoice | None)
    assert_type(customer.charges.get(), Charge)
    assert_type(customer.payment_methods.get(), PaymentMethod)
    assert_type(customer.events.get(), Event)
    assert_type(Customer.objects.for_user(user), QuerySet[Customer, Customer])
    (card,) = customer.cards
    assert_type(card.row, PaymentMethod | Card | Source)
    assert_type((card.brand, card.last4, card.exp_year), tuple[str, str, int | None])
    customer.subscriptions.due()  # type: ignore[attr-defined]


def columns_have_the_types_of_their_values(
    customer: Customer, subscription: Subscription, invoice: Invoice, price: Price, coupon: Coupon
) -> None:
    assert_type(customer.id, str)
    assert_type(customer.stripe_id, str)
    assert_type(customer.livemode, bool | None)
    assert_type(customer.created_at, datetime.datetime | None)
    assert_type(customer.is_deleted, bool)
    assert_type(customer.balance, int | None)
    assert_type(subscription.is_active, bool)
    assert_type(subscription.will_cancel, bool)
    assert_type(subscription.current_period_end, datetime.datetime | None)
    assert_type(invoice.status, str)
    assert_type(invoice.amount_due, int | None)
    assert_type(invoice.is_paid, bool)
    assert_type(invoice.lines.get(), InvoiceLineItem)
    assert_type(invoice.payments.get(), InvoicePayment)
    assert_type(price.unit_amount_decimal, Decimal | None)
    assert_type(coupon.percent_off, Decimal | None)
    invoice.amount_due + 1  # type: ignore[operator]


def an_event(event: Event) -> None:
    assert_type(event.kind, str)
    assert_type(event.valid, bool | None)
    assert_type(event.processed, bool)
    assert_type(event.message, dict[str, Any] | None)
    assert_type(event.object, dict[str, Any])
    assert_type(event.created_at, datetime.datetime | None)
    assert_type(event.customer, Customer | None)
    assert_type(event.customer_id, str | None)
    assert_type(event.mirrored_object, MirroredObject | None)
    assert_type(event.exceptions.get(), EventProcessingException)
    assert_type(event.steps.get(), EventStep)
    assert_type(event.receiver_calls.get(), ReceiverCall)
    event.object.id  # type: ignore[attr-defined]


def receiver(sender: type[Webhook], event: Event, **kwargs: Any) -> None:
    """As the documentation writes receivers."""
    if event.customer is None:
        raise RetryLater(60, "no customer yet")
    if event.customer.user is None:
        raise Ignore("none of our customers")


def signals_have_names() -> None:
    assert_type(WEBHOOK_SIGNALS["customer.created"], EventSignal)
    assert_type(every_event.connected(), Iterator[Receiver])
    WEBHOOK_SIGNALS["customer.created"].connect(receiver, dispatch_uid="receiver")
    every_event.connect(receiver)
    for alarm in (invalid_event, failed_event):
        alarm.connect(receiver)
    WEBHOOK_SIGNALS["customer.created"].identity(0)  # type: ignore[call-arg]


@register("customer.created", "customer.updated", replace=True)
class Members(MirrorWebhook):
    """A handler of a project's own."""

    def prepare(self) -> None:
        super().prepare()
        assert_type(self.event, Event)

    def process_webhook(self) -> None:
        super().process_webhook()
        assert_type(self.data(), dict)
        assert_type(self.description, str)


def a_registered_class_stays_what_it_is(event: Event) -> None:
    assert_type(Members(event), Members)
    register("customer.deleted")(Customer)  # type: ignore[type-var]


def queues_are_told_when(pk: int) -> None:
    assert_type(claim(pk), bool)
    assert_type(when_due(pk), datetime.datetime | None)
    process(pk)
    claim("evt_1")  # type: ignore[arg-type]


def errors_say_what_they_know(error: StripeError, wait: RetryLater) -> None:
    assert_type(error.code, str)
    assert_type(error.status, int | None)
    assert_type(wait.seconds, float)
    assert_type(wait.reason, str)
    base: PinaxStripeError = FinalStripeError("none", code="not_found")
    base.code  # type: ignore[attr-defined]
    RetryLater("a while")  # type: ignore[arg-type]


def settings_and_keys(user: User) -> None:
    assert_type(webhook_secrets(), list[str])
    assert_type(key_livemode(), bool | None)
    assert_type(setting("ACTIVE_STATUSES"), Any)
    assert_type(mirror_key("cus_1", "acct_1"), str)
    assert_type(user_reference(user), str)
    assert_type(account_reference(user), str)
    assert_type(Customer.objects.get().has_feature("api"), bool)
    assert_type(checkout_reference(user), str)
    assert_type(types_of_interest(), list[str])
    mirror_key(None)  # type: ignore[arg-type]


def monitoring() -> None:
    opentelemetry.instrument()
    prometheus.register()


def endpoints_at_stripe() -> None:
    (endpoint,) = webhook_endpoints.list_endpoints()
    assert_type(webhook_endpoints.is_ours(endpoint, answers=lambda path: path == "/stripe/webhook/"), bool)
    webhook_endpoints.update(endpoint)  # type: ignore[call-arg]


def on_a_schedule() -> None:
    read_what_is_new("customer")
    verify_sample(50, "customer")
    tasks.sync.enqueue()
    tasks.verify.enqueue(50)
    tasks.enqueue_sync()


def the_test_kit(client: Client) -> None:
    assert_type(build_object("customer", email="jenny@example.com"), dict[str, Any])
    event = assert_type(build_event("customer.created", build_object("customer")), dict[str, Any])
    post_event(client, event, secret="whsec_1")
    assert_type(sign(b"{}", "whsec_1"), str)
    with FakeStripe() as stripe:
        assert_type(stripe, FakeStripe)
        assert_type(stripe.url, str)
        assert_type(stripe.settings, dict[str, Any])
        assert_type(stripe.create("customer", email="jenny@example.com"), dict[str, Any])
        assert_type(stripe.advance(60), int)
        assert_type(stripe.calls("/v1/events"), int)
        assert_type(stripe.undelivered(), list[dict[str, Any]])
        assert_type(stripe.deliver_to(client, order="random", seed=1), list[tuple[str, int]])
        assert_type(stripe.deliver("http://127.0.0.1:8000/stripe/webhook/"), list[tuple[str, int]])
        stripe.rate_limit("/v1/customers", times=2)
        stripe.clear_faults()
        stripe.reset_requests()
        stripe.deliver_to(client, order="sideways")  # type: ignore[arg-type]
    build_event(object={})  # type: ignore[call-arg]
