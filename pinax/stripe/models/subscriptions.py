"""Subscriptions and their items, and what each status means for access."""

import datetime
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
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
from .mrr import PAYING, RecurringRevenue, recurring_revenue
from .periods import within

#: That the end of a subscription that runs is decided.
END_IS_DECIDED = Q(cancel_at_period_end=True) | Q(cancel_at__isnull=False)


def entitling() -> Q:
    """The same rule as `Subscription.is_active`, as a condition on subscriptions."""
    statuses = setting("ACTIVE_STATUSES")
    return Q(not_of_a_deleted_customer(), status__in=statuses, ended_at__isnull=True, deleted_at__isnull=True)


#: Statuses of subscriptions that never began: the first payment has not succeeded.
NOT_BEGUN = ("incomplete", "incomplete_expired")
#: Those that are over, whatever else the row says.
OVER = ("canceled", "incomplete_expired")


def ending() -> Q:
    """The same rule as `Subscription.will_cancel`, as a condition on subscriptions."""
    return Q(END_IS_DECIDED, ended_at=None, deleted_at=None) & ~Q(status__in=OVER)


@dataclass(frozen=True, kw_only=True)
class Churn:
    """How many of the subscriptions that ran at the beginning of a period ended in it."""

    at_start: int
    ended: int

    @property
    def rate(self) -> Decimal | None:
        """Ended to running, 0 to 1, rounded half to even to four decimals; None where none ran."""
        if not self.at_start:
            return None
        return (Decimal(self.ended) / self.at_start).quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> "SubscriptionQuerySet":
        """The same rule as `Subscription.is_active`, in SQL; customers deleted at Stripe have none."""
        return self.filter(entitling())

    def past_due(self) -> "SubscriptionQuerySet":
        """Those of which a renewal could not be collected, and Stripe still tries.

        `unpaid` ones, for which Stripe has stopped, are not among them, nor those of customers deleted at Stripe.
        """
        return self.filter(not_of_a_deleted_customer(), status="past_due", ended_at=None, deleted_at=None)

    def will_cancel(self) -> "SubscriptionQuerySet":
        """The same rule as `Subscription.will_cancel`, in SQL: they run, and their end is decided."""
        return self.filter(ending())

    def trials_ending(self, days: int) -> "SubscriptionQuerySet":
        """Those in a trial that ends within so many days from now (of 24 hours), the first to end first.

        A trial whose end is over, with no event about it yet, is not among them.
        """
        now = timezone.now()
        ending = within("trial_end", now, now + datetime.timedelta(days=days))
        return self.filter(ending, status="trialing", ended_at=None, deleted_at=None).order_by("trial_end", "pk")

    def started(self, since: datetime.datetime, until: datetime.datetime | None = None) -> "SubscriptionQuerySet":
        """Those that were created from `since` on and before `until`, aware datetimes; those in a trial, too.

        Those whose first payment has not succeeded are not among them.
        """
        return self.filter(within("created_at", since, until)).exclude(status__in=NOT_BEGUN)

    def ended(self, since: datetime.datetime, until: datetime.datetime | None = None) -> "SubscriptionQuerySet":
        """Those that ended from `since` on and before `until`, aware datetimes, and not those that never began."""
        return self.filter(within("ended_at", since, until)).exclude(status__in=NOT_BEGUN)

    def churn(self, since: datetime.datetime, until: datetime.datetime | None = None) -> Churn:
        """How many of the subscriptions that ran at `since` ended before `until`, aware datetimes.

        Those that began later count on neither side. It reads all rows: not for a page.
        """
        ran = Q(created_at__lt=since) & (Q(ended_at=None) | Q(ended_at__gte=since))
        found = (
            self.exclude(status__in=NOT_BEGUN)
            .filter(ran)
            .order_by()
            .aggregate(at_start=Count("pk"), ended=Count("pk", filter=within("ended_at", since, until)))
        )
        return Churn(**found)

    def mrr(self) -> list[RecurringRevenue]:
        """What these subscriptions bring in a month, by account and currency, at their present prices and discounts.

        Active and past due ones count, whose customers exist and whose invoices are collected (`pause_behavior` is "");
        trials do not. A year is twelve months, and a day or a week as much of a month as of 365 days. Percentages and
        amounts of discounts that go on are taken off; what is given once, taxes and usage are not counted. Items whose
        price is metered or tiered, for packages of units, in another currency, or unknown are in `not_counted`.

        It reads all of these subscriptions: not for a page.
        """
        paying = self.filter(
            not_of_a_deleted_customer(), status__in=PAYING, ended_at=None, deleted_at=None, pause_behavior=""
        )
        items = SubscriptionItem.objects.using(self.db).filter(subscription__in=paying.order_by().values("pk"))
        return recurring_revenue(items, timezone.now())


SubscriptionManager = LiveManager.from_queryset(SubscriptionQuerySet)


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
            models.Index(
                fields=["id"],
                condition=END_IS_DECIDED & Q(ended_at__isnull=True, deleted_at__isnull=True),
                name="pinax_stripe_sub_will_cancel",
            ),
            models.Index(
                fields=["trial_end", "id"],
                condition=Q(status="trialing", ended_at__isnull=True, deleted_at__isnull=True),
                name="pinax_stripe_sub_trial",
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
