"""What customers pay with: payment methods, and their older forms: cards, bank accounts, sources."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .mirror import LiveManager, MirroredObject, SoftForeignKey

#: What cards call their brands, where payment methods have another word for it than the same in lower case.
BRANDS = {
    "american express": "amex",
    "cartes bancaires": "cartes_bancaires",
    "diners club": "diners",
    "eftpos australia": "eftpos_au",
}


def brand_code(brand: str) -> str:
    """A brand in the spelling of payment methods: "MasterCard" is "mastercard", "American Express" is "amex"."""
    lowered = brand.lower()
    return BRANDS.get(lowered, lowered)


class UsableManager(LiveManager):
    """Leaves out what was deleted, and what belonged to a customer who was."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(customer__deleted_at__isnull=True)


class CardDetails(models.Model):
    """Columns of anything that is, or may be, a card."""

    brand = models.TextField(_("brand"), blank=True, default="")
    last4 = models.TextField(_("last four digits"), blank=True, default="")
    exp_month = models.PositiveSmallIntegerField(_("expiry month"), null=True)
    exp_year = models.PositiveIntegerField(_("expiry year"), null=True)
    funding = models.TextField(_("funding"), blank=True, default="")
    country = models.TextField(_("country"), blank=True, default="")
    fingerprint = models.TextField(_("fingerprint"), blank=True, default="")

    class Meta:
        abstract = True


class PaymentMethod(MirroredObject, CardDetails):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="payment_methods", verbose_name=_("customer"))
    type = models.TextField(_("type"), blank=True, default="")
    billing_name = models.TextField(_("name"), blank=True, default="")
    billing_email = models.TextField(_("email"), blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")


class Card(MirroredObject, CardDetails):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="legacy_cards", verbose_name=_("customer"))
    name = models.TextField(_("name"), blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("card")
        verbose_name_plural = _("cards")


class BankAccount(MirroredObject):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="bank_accounts", verbose_name=_("customer"))
    account_holder_name = models.TextField(_("account holder"), blank=True, default="")
    account_holder_type = models.TextField(_("type of account holder"), blank=True, default="")
    bank_name = models.TextField(_("bank"), blank=True, default="")
    country = models.TextField(_("country"), blank=True, default="")
    currency = models.TextField(_("currency"), blank=True, default="")
    last4 = models.TextField(_("last four digits"), blank=True, default="")
    routing_number = models.TextField(_("routing number"), blank=True, default="")
    fingerprint = models.TextField(_("fingerprint"), blank=True, default="")
    status = models.TextField(_("status"), blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")


class Source(MirroredObject, CardDetails):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="sources", verbose_name=_("customer"))
    type = models.TextField(_("type"), blank=True, default="")
    status = models.TextField(_("status"), blank=True, default="")
    usage = models.TextField(_("usage"), blank=True, default="")
    flow = models.TextField(_("flow"), blank=True, default="")
    amount = models.BigIntegerField(_("amount"), null=True, help_text=_("Minor units."))
    currency = models.TextField(_("currency"), blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")
