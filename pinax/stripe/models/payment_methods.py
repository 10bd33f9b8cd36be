"""What customers pay with: payment methods, and their older forms: cards, bank accounts, sources."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CountField,
    CurrencyField,
    SmallCountField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
)
from .mirror import LiveManager, MirroredObject, Row, not_of_a_deleted_customer

if TYPE_CHECKING:
    from typing_extensions import Self

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


def index_of_expiry(name: str) -> models.Index:
    """The index of cards that belong to a customer, by the month in which they expire."""
    return models.Index(fields=["exp_year", "exp_month"], condition=Q(customer__isnull=False), name=name)


class UsableManager(LiveManager[Row]):
    """Leaves out what was deleted, and what belonged to a customer who was."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(not_of_a_deleted_customer())


class CardDetails(models.Model):
    """Columns of anything that is, or may be, a card."""

    # `type` held the brand until 2014.
    brand = StringField(_("brand"), source=("brand", "type"))
    last4 = StringField(_("last four digits"))
    exp_month = SmallCountField(_("expiry month"), most=12)
    exp_year = CountField(_("expiry year"), most=9999)
    funding = StringField(_("funding"), words=words.FUNDINGS)
    country = StringField(_("country"))
    fingerprint = StringField(_("fingerprint"))

    class Meta:
        abstract = True


class MeansDetails(CardDetails):
    """Columns of what may also be a bank account, or anything else that is known by a few digits."""

    #: The bank's name, or the code by which Stripe knows it.
    bank_name = StringField(_("bank"))

    class Meta:
        abstract = True


class PaymentMethod(MirroredObject, MeansDetails):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="payment_methods", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    type = StringField(_("type"), words=words.TYPES)
    billing_name = StringField(_("name"), source="billing_details.name")
    billing_email = StringField(_("email"), source="billing_details.email")

    objects: ClassVar["UsableManager[Self]"] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        indexes = [
            *MirroredObject.Meta.indexes,
            index_of_expiry("pinax_stripe_method_expiry"),
            models.Index(fields=["last4"], condition=~Q(last4=""), name="pinax_stripe_method_last4"),
        ]


class Card(MirroredObject, CardDetails):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="legacy_cards", verbose_name=_("customer"))
    name = StringField(_("name"))

    objects: ClassVar["UsableManager[Self]"] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        indexes = [
            *MirroredObject.Meta.indexes,
            index_of_expiry("pinax_stripe_card_expiry"),
            models.Index(fields=["last4"], condition=~Q(last4=""), name="pinax_stripe_card_last4"),
        ]


class BankAccount(MirroredObject):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="bank_accounts", verbose_name=_("customer"))
    account_holder_name = StringField(_("account holder"))
    account_holder_type = StringField(_("type of account holder"), words=words.ACCOUNT_HOLDER_TYPES)
    bank_name = StringField(_("bank"))
    country = StringField(_("country"))
    currency = CurrencyField(_("currency"))
    last4 = StringField(_("last four digits"))
    routing_number = StringField(_("routing number"))
    fingerprint = StringField(_("fingerprint"))
    status = StatusField(_("status"), words=words.BANK_ACCOUNT_STATUSES)

    objects: ClassVar["UsableManager[Self]"] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")


class Source(MirroredObject, MeansDetails):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="sources", verbose_name=_("customer"))
    type = StringField(_("type"), words=words.TYPES)
    status = StatusField(_("status"), words=words.SOURCE_STATUSES)
    usage = StringField(_("usage"), words=words.SOURCE_USAGES)
    flow = StringField(_("flow"))
    owner_name = StringField(_("name"), source="owner.name")
    owner_email = StringField(_("email"), source="owner.email")
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))

    objects: ClassVar["UsableManager[Self]"] = UsableManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")
