"""Subscriptions and their items, and what each status means for access."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..conf import setting
from . import words
from .fields import (
    CountField,
    CurrencyField,
    FlagField,
    IdListField,
    NumberField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import LiveManager, MirroredObject, not_of_a_deleted_customer


def entitling() -> Q:
    """The same rule as `Subscription.is_active`, as a condition on subscriptions."""
    statuses = setting("ACTIVE_STATUSES")
    return Q(not_of_a_deleted_customer(), status__in=statuses, ended_at__isnull=True, deleted_at__isnull=True)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> "SubscriptionQuerySet":
        """The same rule as `Subscription.is_active`, in SQL; customers deleted at Stripe have none."""
        return self.filter(entitling())


class SubscriptionManager(LiveManager["Subscription"]):
    """Subscriptions, ended ones included: Stripe keeps them with their last state."""

    def get_queryset(self) -> SubscriptionQuerySet:
        rows = SubscriptionQuerySet(self.model, using=self._db, hints=self._hints)  # type: ignore[attr-defined]
        return rows.filter(deleted_at__isnull=True)

    def active(self) -> SubscriptionQuerySet:
        """Those that entitle: the rule of `Subscription.is_active`, in SQL; customers deleted at Stripe have none."""
        return self.get_queryset().active()


class Subscription(MirroredObject):
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="subscriptions", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    status = StatusField(_("status"), db_index=True, words=words.SUBSCRIPTION_STATUSES)
    # `billing` until API version 2019-10-17.
    collection_method = StringField(
        _("collection method"), source=("collection_method", "billing"), words=words.COLLECTION_METHODS
    )
    currency = CurrencyField(_("currency"))
    #: The only item's plan or price and its quantity; None with several items: `items` are the truth.
    plan = SoftForeignKey("pinax_stripe.Plan", verbose_name=_("plan"))
    quantity = NumberField(_("quantity"))
    # `start` until API version 2019-10-17; it moved with changes, but is the best that those versions have.
    start_date = TimestampField(_("start"), source=("start_date", "start"))
    #: Since API version 2025-03-31 each item has its period; these are the earliest start and the latest end.
    current_period_start = TimestampField(_("current period from"))
    current_period_end = TimestampField(_("current period to"))
    billing_cycle_anchor = TimestampField(_("billing cycle anchor"))
    trial_start = TimestampField(_("trial from"))
    trial_end = TimestampField(_("trial to"))
    cancel_at = TimestampField(_("cancel at"))
    cancel_at_period_end = FlagField(_("cancel at the end of the period"))
    canceled_at = TimestampField(pgettext_lazy("subscription", "canceled at"))
    ended_at = TimestampField(_("ended at"))
    #: Why it was canceled, and what the customer said about that; "" before, and where Stripe does not know.
    cancellation_reason = StringField(
        _("reason of cancellation"), source="cancellation_details.reason", words=words.SUBSCRIPTION_CANCELLATIONS
    )
    cancellation_feedback = StringField(
        _("feedback"), source="cancellation_details.feedback", words=words.CANCELLATION_FEEDBACK
    )
    days_until_due = CountField(_("days until due"))
    default_payment_method = StripeIdField(_("default payment method"))
    latest_invoice = SoftForeignKey("pinax_stripe.Invoice", verbose_name=_("latest invoice"))
    # One `discount` until API version 2025-03-31.basil.
    #: Ids of its own discounts: `filter(discount_ids__has="di_1")`. Those that have come are `discounts`.
    discount_ids = IdListField(_("discounts"), source=("discounts", "discount"))
    #: What happens to its invoices while they are not collected; "" when they are. The status stays what it is.
    pause_behavior = StringField(
        _("collection is paused"), source="pause_collection.behavior", words=words.PAUSE_BEHAVIORS
    )
    #: None for a pause that has no end yet.
    pause_resumes_at = TimestampField(_("collection resumes at"), source="pause_collection.resumes_at")

    objects: ClassVar[SubscriptionManager] = SubscriptionManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_sub_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_sub_customer"),
            models.Index(
                fields=["status", "customer"],
                condition=Q(ended_at__isnull=True, deleted_at__isnull=True),
                name="pinax_stripe_sub_running",
            ),
            models.Index(fields=["-ended_at"], condition=Q(ended_at__isnull=False), name="pinax_stripe_sub_ended"),
            models.Index(
                fields=["default_payment_method"],
                condition=~Q(default_payment_method=""),
                name="pinax_stripe_sub_default",
            ),
        ]

    @property
    def is_active(self) -> bool:
        """Whether the customer is entitled to what was subscribed: PINAX_STRIPE_ACTIVE_STATUSES, and not ended.

        Reads the customer: use `select_related("customer")` for many.
        """
        if self.status not in setting("ACTIVE_STATUSES") or self.ended_at is not None or self.is_deleted:
            return False
        return self.customer is None or not self.customer.is_deleted

    @property
    def is_collection_paused(self) -> bool:
        """Whether its invoices are not collected for now; `status`, and so `is_active`, stays what it was.

        https://docs.stripe.com/billing/subscriptions/pause-payment
        """
        return self.pause_behavior != "" and not self.is_canceled

    @property
    def is_canceled(self) -> bool:
        """Whether it is over for good. A subscription that will end with its period is not canceled yet."""
        return self.status in ("canceled", "incomplete_expired") or self.ended_at is not None

    @property
    def will_cancel(self) -> bool:
        """Whether it runs now and its end is already decided."""
        return not self.is_canceled and (bool(self.cancel_at_period_end) or self.cancel_at is not None)


class SubscriptionItem(MirroredObject):
    subscription = SoftForeignKey("pinax_stripe.Subscription", related_name="items", verbose_name=_("subscription"))
    price = SoftForeignKey("pinax_stripe.Price", verbose_name=_("price"))
    plan = SoftForeignKey("pinax_stripe.Plan", verbose_name=_("plan"))
    product = SoftForeignKey(
        "pinax_stripe.Product", verbose_name=_("product"), source=("price.product", "plan.product")
    )
    #: None for metered items.
    quantity = NumberField(_("quantity"))
    current_period_start = TimestampField(_("current period from"))
    current_period_end = TimestampField(_("current period to"))
    #: Ids of the discounts on this item alone.
    discount_ids = IdListField(_("discounts"), source="discounts")

    class Meta(MirroredObject.Meta):
        verbose_name = _("subscription item")
        verbose_name_plural = _("subscription items")
