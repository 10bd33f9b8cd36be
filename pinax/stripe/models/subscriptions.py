"""Subscriptions and their items, and what each status means for access."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..conf import setting
from .mirror import ID_LENGTH, LiveManager, MirroredObject, SoftForeignKey


class SubscriptionQuerySet(models.QuerySet):
    def active(self) -> "SubscriptionQuerySet":
        """The same rule as `Subscription.is_active`, in SQL; customers deleted at Stripe have none."""
        return self.filter(
            status__in=setting("ACTIVE_STATUSES"),
            ended_at__isnull=True,
            deleted_at__isnull=True,
            customer__deleted_at__isnull=True,
        )


class SubscriptionManager(LiveManager.from_queryset(SubscriptionQuerySet)):  # type: ignore[misc]
    """Subscriptions, ended ones included: Stripe keeps them with their last state."""


class Subscription(MirroredObject):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="subscriptions", verbose_name=_("customer"))
    status = models.TextField(_("status"), blank=True, default="", db_index=True)
    collection_method = models.TextField(_("collection method"), blank=True, default="")
    currency = models.TextField(_("currency"), blank=True, default="")
    #: The only item's plan or price and its quantity; None with several items: `items` are the truth.
    plan = SoftForeignKey("pinax_stripe.Plan", verbose_name=_("plan"))
    quantity = models.BigIntegerField(_("quantity"), null=True)
    start_date = models.DateTimeField(_("start"), null=True)
    #: Since API version 2025-03-31 each item has its period; these are the earliest start and the latest end.
    current_period_start = models.DateTimeField(_("current period from"), null=True)
    current_period_end = models.DateTimeField(_("current period to"), null=True)
    billing_cycle_anchor = models.DateTimeField(_("billing cycle anchor"), null=True)
    trial_start = models.DateTimeField(_("trial from"), null=True)
    trial_end = models.DateTimeField(_("trial to"), null=True)
    cancel_at = models.DateTimeField(_("cancel at"), null=True)
    cancel_at_period_end = models.BooleanField(_("cancel at the end of the period"), null=True)
    canceled_at = models.DateTimeField(pgettext_lazy("subscription", "canceled at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    days_until_due = models.PositiveIntegerField(_("days until due"), null=True)
    default_payment_method = models.CharField(_("default payment method"), max_length=ID_LENGTH, blank=True, default="")
    latest_invoice = SoftForeignKey("pinax_stripe.Invoice", verbose_name=_("latest invoice"))

    objects: ClassVar[SubscriptionManager] = SubscriptionManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_sub_created"),
            models.Index(fields=["-ended_at"], condition=Q(ended_at__isnull=False), name="pinax_stripe_sub_ended"),
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
    product = SoftForeignKey("pinax_stripe.Product", verbose_name=_("product"))
    #: None for metered items.
    quantity = models.BigIntegerField(_("quantity"), null=True)
    current_period_start = models.DateTimeField(_("current period from"), null=True)
    current_period_end = models.DateTimeField(_("current period to"), null=True)

    class Meta(MirroredObject.Meta):
        verbose_name = _("subscription item")
        verbose_name_plural = _("subscription items")
