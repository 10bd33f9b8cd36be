"""What is sold: products, and their prices in today's form (Price) and the older one (Plan)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .decimals import ExactDecimalField
from .mirror import MirroredObject, SoftForeignKey


class Product(MirroredObject):
    name = models.TextField(_("name"), blank=True, default="")
    active = models.BooleanField(_("active"), null=True)
    description = models.TextField(_("description"), blank=True, default="")
    type = models.TextField(_("type"), blank=True, default="")
    default_price = SoftForeignKey("pinax_stripe.Price", verbose_name=_("default price"))
    statement_descriptor = models.TextField(_("statement descriptor"), blank=True, default="")
    unit_label = models.TextField(_("unit label"), blank=True, default="")
    url = models.TextField(_("URL"), blank=True, default="")

    class Meta(MirroredObject.Meta):
        verbose_name = _("product")
        verbose_name_plural = _("products")


class Recurring(models.Model):
    """Columns that prices and plans share."""

    active = models.BooleanField(_("active"), null=True)
    nickname = models.TextField(_("nickname"), blank=True, default="")
    currency = models.TextField(_("currency"), blank=True, default="")
    billing_scheme = models.TextField(_("billing scheme"), blank=True, default="")
    tiers_mode = models.TextField(_("tiers mode"), blank=True, default="")
    interval = models.TextField(_("interval"), blank=True, default="")
    interval_count = models.PositiveIntegerField(_("interval count"), null=True)
    usage_type = models.TextField(_("usage type"), blank=True, default="")
    trial_period_days = models.PositiveIntegerField(_("days of trial"), null=True)

    class Meta:
        abstract = True


class Price(MirroredObject, Recurring):
    product = SoftForeignKey("pinax_stripe.Product", related_name="prices", verbose_name=_("product"))
    type = models.TextField(_("type"), blank=True, default="")
    unit_amount = models.BigIntegerField(_("unit amount"), null=True, help_text=_("Minor units."))
    unit_amount_decimal = ExactDecimalField(_("exact unit amount"), max_digits=32, decimal_places=12, null=True)
    lookup_key = models.TextField(_("lookup key"), blank=True, default="")
    tax_behavior = models.TextField(_("tax behaviour"), blank=True, default="")

    class Meta(MirroredObject.Meta):
        verbose_name = _("price")
        verbose_name_plural = _("prices")


class Plan(MirroredObject, Recurring):
    product = SoftForeignKey("pinax_stripe.Product", related_name="plans", verbose_name=_("product"))
    #: Only before API version 2018-02-05; later the product has the name.
    name = models.TextField(_("name"), blank=True, default="")
    amount = models.BigIntegerField(_("amount"), null=True, help_text=_("Minor units."))
    amount_decimal = ExactDecimalField(_("exact amount"), max_digits=32, decimal_places=12, null=True)

    class Meta(MirroredObject.Meta):
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
