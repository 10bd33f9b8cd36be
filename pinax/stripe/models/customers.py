"""Customers, and how they belong to the project's users."""

from typing import Any, ClassVar, NamedTuple

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from .mirror import ID_LENGTH, LiveManager, MirroredObject, SoftForeignKey
from .payment_methods import Card, PaymentMethod, Source, brand_code

#: Metadata key under which `user_reference` travels through Stripe.
USER_METADATA_KEY = "pinax_stripe_user"
USER_SALT = "pinax.stripe.user"
#: Statuses of sources that nothing can be charged to any more.
USED_UP = ("canceled", "consumed", "failed")
#: Characters of a signature: sha256 in base64.
SIGNATURE_LENGTH = 43


def user_reference(user: models.Model) -> str:
    """A signed reference to a user, for the `client_reference_id` of a Checkout or the metadata of a customer.

    It is made of letters, digits, `-` and `_`, for the addresses of payment links take nothing else
    (https://docs.stripe.com/payment-links/url-parameters). In metadata its key is `USER_METADATA_KEY`.
    """
    name = urlsafe_base64_encode(str(user.pk).encode())
    return name + signing.Signer(salt=USER_SALT).signature(name)


def referenced_user(reference: str) -> str:
    """The primary key, as text, of the user whom a reference names; signing.BadSignature for one that is not ours."""
    name, signature = reference[:-SIGNATURE_LENGTH], reference[-SIGNATURE_LENGTH:]
    signer = signing.Signer(salt=USER_SALT)
    return urlsafe_base64_decode(signer.unsign(f"{name}{signer.sep}{signature}")).decode()


class CustomerManager(LiveManager):
    def for_user(self, user: models.Model) -> models.QuerySet:
        """The customers of a user that still exist at Stripe, newest first."""
        return self.get_queryset().filter(user=user)


class ListedCard(NamedTuple):
    """A customer's card in one shape, whatever it is at Stripe."""

    stripe_id: str
    #: As payment methods spell it: "visa", "amex".
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    #: The row: a PaymentMethod, Card or Source.
    row: Any


class Customer(MirroredObject):
    #: Ours alone: no event ever changes a link that exists.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stripe_customers",
        verbose_name=_("user"),
    )
    email = models.TextField(_("email"), blank=True, default="")
    name = models.TextField(_("name"), blank=True, default="")
    phone = models.TextField(_("phone"), blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")
    currency = models.TextField(_("currency"), blank=True, default="")
    balance = models.BigIntegerField(_("balance"), null=True, help_text=_("Minor units; negative is a credit."))
    delinquent = models.BooleanField(_("delinquent"), null=True)
    #: Id of a card, bank account or source (the legacy default) ...
    default_source = models.CharField(_("default source"), max_length=ID_LENGTH, blank=True, default="")
    #: ... and of the payment method that invoices use.
    default_payment_method = models.CharField(_("default payment method"), max_length=ID_LENGTH, blank=True, default="")
    tax_exempt = models.TextField(_("tax exemption"), blank=True, default="")
    coupon = SoftForeignKey("pinax_stripe.Coupon", verbose_name=_("coupon"))

    objects: ClassVar[CustomerManager] = CustomerManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_customer_created"),
            models.Index(Upper("email"), name="pinax_stripe_customer_email"),
        ]

    @property
    def cards(self) -> list[ListedCard]:
        """All cards that can still be charged, newest first: payment methods, legacy cards and sources."""
        if self.is_deleted:
            return []
        # A legacy card or source is also readable as a payment method under the same id: it is one card, listed once,
        # and gone when it was deleted as the one or detached as the other.
        same, is_deleted = Q(pk=OuterRef("pk")), Q(deleted_at__isnull=False)
        detached = Exists(PaymentMethod.all_objects.filter(same, is_deleted | Q(customer=None)))
        deleted = [Exists(model.all_objects.filter(same, is_deleted)) for model in (Card, Source)]
        rows: list[Any] = [
            *self.payment_methods.filter(~deleted[0], ~deleted[1], type="card"),
            *self.legacy_cards.filter(~detached),
            *self.sources.filter(~detached, type="card").exclude(status__in=USED_UP),
        ]
        unique = {row.stripe_id: row for row in reversed(rows)}
        # Legacy cards do not tell when they were made, and are mostly the older ones: they come last.
        rows = sorted(
            unique.values(), key=lambda row: (row.created_at is not None, row.created_at or row.as_of), reverse=True
        )
        return [
            ListedCard(row.stripe_id, brand_code(row.brand), row.last4, row.exp_month, row.exp_year, row)
            for row in rows
        ]
