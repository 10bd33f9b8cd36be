"""Customers, and how they belong to the project's users."""

import datetime
from typing import Any, ClassVar, NamedTuple

import pytz
from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import AmountField, CurrencyField, FlagField, NameField, SoftForeignKey, StringField, StripeIdField
from .mirror import ID_LENGTH, LiveManager, MirroredObject
from .payment_methods import Card, PaymentMethod, Source, brand_code

#: Metadata key under which a reference to a user travels through Stripe.
USER_METADATA_KEY = "pinax_stripe_user"
#: What a reference is for goes into its signature: one for the metadata of a customer is none for a Checkout.
USER_SALT = "pinax.stripe.user"
CHECKOUT_SALT = "pinax.stripe.user.checkout"
#: A Checkout Session has to be created within this time after its reference was made.
CHECKOUT_REFERENCE_AGE = datetime.timedelta(hours=24)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=pytz.utc)
#: Statuses of sources that nothing can be charged to any more.
USED_UP = ("canceled", "consumed", "failed")
#: Characters of a signature: sha256 in base64.
SIGNATURE_LENGTH = 43
#: Characters of the random part that makes each Checkout's reference another.
NONCE_LENGTH = 8


class CheckoutReference(NamedTuple):
    """What the reference of a Checkout says."""

    #: The primary key of the user, as text.
    user_key: str
    made_at: datetime.datetime


def user_reference(user: models.Model) -> str:
    """A signed reference to a saved user, for the metadata of a customer under `USER_METADATA_KEY`.

    It never expires, and links any number of customers. It is not for Checkout: see `checkout_reference`.
    """
    return signed(str(user.pk), USER_SALT)


def referenced_user(reference: str) -> str:
    """The primary key, as text, of the user whom `user_reference` named; signing.BadSignature for anything else."""
    return unsigned(reference, USER_SALT)


def checkout_reference(user: models.Model) -> str:
    """A signed reference to a saved user, for the `client_reference_id` of one Checkout Session.

    It links one customer, that of the first session which is completed with it, and only if that session was created
    within `CHECKOUT_REFERENCE_AGE`. Make a new one for each session. It is made of letters, digits, `-` and `_`, and
    shorter than Stripe's limit of 200 characters for primary keys of up to 95 characters
    (https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-client_reference_id).
    """
    nonce = get_random_string(NONCE_LENGTH)
    return signed(f"{nonce}{int(timezone.now().timestamp())} {user.pk}", CHECKOUT_SALT)


def read_checkout_reference(reference: str) -> CheckoutReference:
    """What `checkout_reference` put into a reference; signing.BadSignature for anything else."""
    seconds, _space, key = unsigned(reference, CHECKOUT_SALT)[NONCE_LENGTH:].partition(" ")
    return CheckoutReference(key, EPOCH + datetime.timedelta(seconds=int(seconds)))


def signed(value: str, salt: str) -> str:
    """A text and its signature as letters, digits, `-` and `_`."""
    name = urlsafe_base64_encode(value.encode())
    return name + signing.Signer(salt=salt).signature(name)


def unsigned(reference: str, salt: str) -> str:
    """The text that `signed` was given; signing.BadSignature if the reference was not signed for this use."""
    name, signature = reference[:-SIGNATURE_LENGTH], reference[-SIGNATURE_LENGTH:]
    signer = signing.Signer(salt=salt)
    return urlsafe_base64_decode(signer.unsign(f"{name}{signer.sep}{signature}")).decode()


class CustomerManager(LiveManager["Customer"]):
    def for_user(self, user: models.Model) -> models.QuerySet["Customer"]:
        """The customers of a user that still exist at Stripe, newest first."""
        return self.get_queryset().filter(user=user)  # type: ignore[misc]  # Of whichever model the project has.


class ListedCard(NamedTuple):
    """A customer's card in one shape, whatever it is at Stripe."""

    stripe_id: str
    #: As payment methods spell it: "visa", "amex".
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    #: The row: a PaymentMethod, Card or Source.
    row: PaymentMethod | Card | Source


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
    email = NameField(_("email"))
    name = NameField(_("name"))
    phone = StringField(_("phone"))
    description = StringField(_("description"))
    currency = CurrencyField(_("currency"))
    # `account_balance` until API version 2019-10-17.
    balance = AmountField(
        _("balance"), help_text=_("Minor units; negative is a credit."), source=("balance", "account_balance")
    )
    delinquent = FlagField(_("delinquent"))
    # `default_card` until API version 2015-02-18.
    #: Id of a card, bank account or source (the legacy default) ...
    default_source = StripeIdField(_("default source"), source=("default_source", "default_card"))
    #: ... and of the payment method that invoices use.
    default_payment_method = StripeIdField(
        _("default payment method"), source="invoice_settings.default_payment_method"
    )
    tax_exempt = StringField(_("tax exemption"), words=words.TAX_EXEMPTIONS)
    # That of the discount: in its `source` since API version 2025-09-30.clover, as a whole object before.
    coupon = SoftForeignKey(
        "pinax_stripe.Coupon", verbose_name=_("coupon"), source=("discount.source.coupon", "discount.coupon")
    )
    #: Id of the account (`v2.core.account`) that is this customer; "" for customers of their own. Stripe sends no
    #: customer.* events about such customers.
    customer_account = StripeIdField(_("customer account"))

    objects: ClassVar[CustomerManager] = CustomerManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_customer_created"),
            models.Index(Upper("email"), name="pinax_stripe_customer_email"),
            models.Index(
                fields=["customer_account"], condition=~Q(customer_account=""), name="pinax_stripe_customer_account"
            ),
            models.Index(
                fields=["default_payment_method"],
                condition=~Q(default_payment_method=""),
                name="pinax_stripe_customer_default",
            ),
        ]

    def has_feature(self, lookup_key: str) -> bool:
        """Whether the customer is entitled to the feature of this `lookup_key` now, as far as events told.

        False for a customer that was deleted at Stripe.
        """
        return not self.is_deleted and self.entitlements.filter(lookup_key=lookup_key).exists()

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
        # Legacy cards have no creation time, and are mostly older: they come last.
        rows = sorted(
            unique.values(), key=lambda row: (row.created_at is not None, row.created_at or row.as_of), reverse=True
        )
        return [
            ListedCard(row.stripe_id, brand_code(row.brand), row.last4, row.exp_month, row.exp_year, row)
            for row in rows
        ]


class UserLink(models.Model):
    """A signed reference to a user that arrived for a customer, or for an account: it waits for its user, or is used.

    The transaction that makes a user may ask Stripe for a customer before it is committed, so a reference can come
    before its user.
    """

    #: sha256 of the reference; one for metadata, which may come for several customers, has the customer in it.
    digest = models.CharField(primary_key=True, max_length=64)
    #: The only customer that the reference can link from now on.
    customer = SoftForeignKey("pinax_stripe.Customer", db_index=False)
    #: The only account, of one that arrived for an account.
    account = SoftForeignKey("pinax_stripe.Account", db_index=False)
    #: Primary key of the user it waits for, as text; "" once it does not wait.
    user_key = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    came_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # No permissions: staff do not see this table.
        default_permissions = ()
        indexes = [models.Index(fields=["user_key"], condition=~Q(user_key=""), name="pinax_stripe_userlink_waits")]

    def __str__(self) -> str:
        return self.digest
