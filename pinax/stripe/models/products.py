"""What is sold: products, and their prices in today's form (Price) and the older one (Plan)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CountField,
    CurrencyField,
    ExactAmountField,
    FlagField,
    LinkField,
    NameField,
    SoftForeignKey,
    StringField,
)
from .mirror import MirroredObject


class Product(MirroredObject):
    name = NameField(_("name"))
    active = FlagField(_("active"))
    description = StringField(_("description"))
    type = StringField(_("type"), words=words.TYPES)
    default_price = SoftForeignKey("pinax_stripe.Price", verbose_name=_("default price"))
    statement_descriptor = StringField(_("statement descriptor"))
    unit_label = StringField(_("unit label"))
    url = LinkField(_("URL"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("product")
        verbose_name_plural = _("products")


class Recurring(models.Model):
    """Columns that prices and plans share."""

    active = FlagField(_("active"))
    nickname = NameField(_("nickname"))
    currency = CurrencyField(_("currency"))
    billing_scheme = StringField(_("billing scheme"), words=words.BILLING_SCHEMES)
    tiers_mode = StringField(_("tiers mode"), words=words.TIERS_MODES)
    # Prices have these in `recurring`, plans have them beside the others.
    interval = StringField(_("interval"), source=("recurring.interval", "interval"), words=words.INTERVALS)
    interval_count = CountField(_("interval count"), source=("recurring.interval_count", "interval_count"))
    usage_type = StringField(_("usage type"), source=("recurring.usage_type", "usage_type"), words=words.USAGE_TYPES)
    trial_period_days = CountField(_("days of trial"), source=("recurring.trial_period_days", "trial_period_days"))

    class Meta:
        abstract = True


class Price(MirroredObject, Recurring):
    product = SoftForeignKey("pinax_stripe.Product", related_name="prices", verbose_name=_("product"))
    type = StringField(_("type"), words=words.TYPES)
    unit_amount = AmountField(_("unit amount"))
    unit_amount_decimal = ExactAmountField(_("exact unit amount"))
    lookup_key = StringField(_("lookup key"))
    tax_behavior = StringField(_("tax behaviour"), words=words.TAX_BEHAVIORS)

    class Meta(MirroredObject.Meta):
        verbose_name = _("price")
        verbose_name_plural = _("prices")


class Plan(MirroredObject, Recurring):
    product = SoftForeignKey("pinax_stripe.Product", related_name="plans", verbose_name=_("product"))
    #: Only before API version 2018-02-05; later the product has the name.
    name = NameField(_("name"))
    amount = AmountField(_("amount"))
    amount_decimal = ExactAmountField(_("exact amount"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
