"""Schedules of subscriptions, and their phases."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import words
from .fields import (
    CurrencyField,
    FlagField,
    IdListField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import MirroredObject, index_of_deleted


class SubscriptionSchedule(MirroredObject):
    """What a subscription will be, phase by phase; at the end it lets the subscription go, or cancels it."""

    customer = SoftForeignKey("pinax_stripe.Customer", related_name="schedules", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    #: None before its first phase, and once it is released.
    subscription = SoftForeignKey("pinax_stripe.Subscription", related_name="schedules", verbose_name=_("subscription"))
    #: The subscription that it let go.
    released_subscription = SoftForeignKey(
        "pinax_stripe.Subscription", db_index=False, verbose_name=_("released subscription")
    )
    status = StatusField(
        _("status"),
        words=words.SCHEDULE_STATUSES,
        tones={"completed": "good", "not_started": "open", "released": "quiet"},
    )
    # `renewal_behavior` until API version 2019-10-17.
    end_behavior = StringField(_("at the end"), source=("end_behavior", "renewal_behavior"), words=words.END_BEHAVIORS)
    # Its own until API version 2019-11-05, and `billing` until 2019-10-17.
    collection_method = StringField(
        _("collection method"),
        source=("default_settings.collection_method", "collection_method", "billing"),
        words=words.COLLECTION_METHODS,
    )
    #: None while no phase runs.
    current_phase_start = TimestampField(_("current phase from"), source="current_phase.start_date")
    current_phase_end = TimestampField(_("current phase to"), source="current_phase.end_date")
    canceled_at = TimestampField(pgettext_lazy("subscription schedule", "canceled at"))
    completed_at = TimestampField(_("completed at"))
    released_at = TimestampField(_("released at"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("subscription schedule")
        verbose_name_plural = _("subscription schedules")
        indexes = [index_of_deleted("pinax_schedule_deleted")]


class SubscriptionSchedulePhase(MirroredObject):
    """A phase of a schedule. Phases have no ids: the key is that of the schedule with the place in it, counted from 0.

    `stripe_id` is "".
    """

    subscription_schedule = SoftForeignKey(
        "pinax_stripe.SubscriptionSchedule", related_name="phases", verbose_name=_("subscription schedule")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    start_date = TimestampField(_("start"))
    end_date = TimestampField(_("end"))
    #: Ids of the prices that it bills, or of plans until API version 2020-08-27: `filter(price_ids__has="price_1")`.
    price_ids = IdListField(_("prices"))
    currency = CurrencyField(_("currency"))
    trial = FlagField(_("trial"))
    trial_end = TimestampField(_("trial to"))
    collection_method = StringField(_("collection method"), words=words.COLLECTION_METHODS)
    proration_behavior = StringField(_("proration"), words=words.PRORATION_BEHAVIORS)

    class Meta(MirroredObject.Meta):
        verbose_name = _("phase of a schedule")
        verbose_name_plural = _("phases of schedules")
        ordering = ["position"]
        indexes = [index_of_deleted("pinax_schedulephase_deleted")]
