"""Customers, and how they belong to the project's users."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import pytz
from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from ..conf import setting
from . import words
from .coupons import Coupon, Discount
from .disputes import Dispute
from .fields import AmountField, CurrencyField, FlagField, NameField, SoftForeignKey, StringField, StripeIdField
from .invoices import Invoice
from .mirror import ID_LENGTH, LiveManager, MirroredObject
from .payment_methods import Card, PaymentMethod, Source, brand_code
from .payments import Charge
from .subscriptions import Subscription

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


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """What one customer paid in all in one currency, in minor units."""

    currency: str
    #: How many charges were paid.
    payments: int
    paid: int
    #: What was given back of it, and what was lost in disputes.
    refunded: int
    lost: int
    first_paid_at: datetime.datetime | None
    last_paid_at: datetime.datetime | None

    @property
    def net(self) -> int:
        """What remains, before Stripe's fees."""
        return self.paid - self.refunded - self.lost


class CustomerQuerySet(models.QuerySet["Customer"]):
    def for_user(self, user: models.Model) -> models.QuerySet["Customer"]:
        """The customers of a user that still exist at Stripe, newest first."""
        return self.filter(user=user)

    def with_coupon(self, coupon: "str | Coupon | None" = None) -> "CustomerQuerySet":
        """Those with a discount on all that they buy, that runs now; of one coupon, if its key or row is given.

        Stripe makes no event when a discount ends, so the discount's own end counts, where its row is there.
        Discounts on single subscriptions do not count: `filter(subscriptions__discount_ids__has=…)`.
        """
        theirs = Q(customer=OuterRef("pk"), coupon=OuterRef("coupon"))
        whole = Discount.all_objects.filter(theirs, subscription=None, subscription_item=None, invoice=None)
        runs = Q(deleted_at=None) & (Q(end=None) | Q(end__gt=timezone.now()))
        found = self.filter(Exists(whole.filter(runs)) | ~Exists(whole), coupon__isnull=False)
        return found if coupon is None else found.filter(coupon=coupon)

    def with_card_expiring(self, days: int = 30) -> "CustomerQuerySet":
        """Those whose card expires within so many days from now, and not before: at the end of its month, in UTC.

        Of their cards it is one that is charged by default: the customer's own default, or that of a subscription
        which runs. A card that expired before is not about to: banks mostly renew it.
        """
        now = timezone.now()
        soon = expiring(now, now + datetime.timedelta(days=days))
        owners = [
            charged_by_default(model.objects.using(self.db).filter(soon)).values("customer_id")
            for model in (PaymentMethod, Card)
        ]
        # A union, for with two conditions of which one has to hold PostgreSQL reads all customers.
        return self.filter(pk__in=owners[0].union(owners[1]))

    def owing(self) -> "CustomerQuerySet":
        """Those with an open invoice of which something is left to pay, due or not.

        What waits for the next invoice (`balance`) does not count, nor what was written off.
        """
        return self.filter(owes())

    def without_plan(self) -> "CustomerQuerySet":
        """Those without a subscription that entitles: see `Subscription.objects.active()`."""
        return self.filter(has_no_plan())


def owes() -> Q:
    """That a customer has an open invoice of which something is left to pay."""
    return Q(pk__in=Invoice.objects.owed().values("customer_id"))


def has_no_plan() -> Q:
    """That a customer, who exists, has no subscription that entitles."""
    entitling = Subscription.objects.filter(
        customer=OuterRef("pk"), status__in=setting("ACTIVE_STATUSES"), ended_at=None
    )
    return Q(~Exists(entitling))


def charged_by_default(cards: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Those of some cards to which their customer's invoices, or those of a subscription that runs, are charged."""
    default = Q(customer__default_payment_method=F("stripe_id"))
    legacy = Q(customer__default_payment_method="", customer__default_source=F("stripe_id"))
    subscriptions = Subscription.objects.filter(
        customer=OuterRef("customer_id"), default_payment_method=OuterRef("stripe_id"), ended_at=None
    )
    return cards.filter(default | legacy | Exists(subscriptions), customer__isnull=False).order_by()


def expiring(since: datetime.datetime, until: datetime.datetime) -> Q:
    """That a card's last month ends between two moments, aware datetimes."""
    last = month_before(until)
    months = []
    month = (since.astimezone(pytz.utc).year, since.astimezone(pytz.utc).month)
    while month <= last:
        months.append(month)
        month = (month[0] + month[1] // 12, month[1] % 12 + 1)
    return Q(*(Q(exp_year=year, exp_month=number) for year, number in months), _connector=Q.OR) if months else NONE


def month_before(moment: datetime.datetime) -> tuple[int, int]:
    """Year and month of the last month that is over at a moment, in UTC."""
    day = moment.astimezone(pytz.utc)
    return (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)


#: What no row meets.
NONE = Q(pk__in=[])


CustomerManager = LiveManager.from_queryset(CustomerQuerySet)


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


def lifetime_rows(customer: str) -> models.QuerySet[Any, Any]:
    """What the charges of a customer come to, by currency: rows for `lifetimes`."""
    lost = Dispute.objects.filter(charge=OuterRef("pk"), status="lost").order_by().values("charge")
    charges = (
        Charge.objects.filter(customer=customer, paid=True)
        .exclude(captured=False)
        .annotate(lost=Subquery(lost.annotate(total=Sum("amount")).values("total")))
        .order_by()
        .values("currency")
        .annotate(
            payments=Count("pk"),
            total_paid=Sum(Coalesce("amount_captured", "amount")),
            total_refunded=Sum("amount_refunded"),
            total_lost=Sum("lost"),
            first_paid_at=Min("created_at"),
            last_paid_at=Max("created_at"),
        )
    )
    names = ("currency", "payments", "total_paid", "total_refunded", "total_lost", "first_paid_at", "last_paid_at")
    return charges.values_list(*names)


def lifetimes(rows: Iterable[tuple[Any, ...]]) -> list[Lifetime]:
    """The answers that such rows are, by currency."""
    found = [
        Lifetime(
            currency=currency,
            payments=payments,
            paid=int(paid or 0),
            refunded=int(refunded or 0),
            lost=int(lost or 0),
            first_paid_at=first,
            last_paid_at=last,
        )
        for currency, payments, paid, refunded, lost, first, last in rows
    ]
    return sorted(found, key=lambda each: each.currency)


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

    def lifetime(self) -> list[Lifetime]:
        """What the customer paid in all, by currency: charges that were paid and captured, and what came of them.

        Minor units; what was paid out of band, or with credit, is not in it. One statement, of the customer's charges.
        """
        return lifetimes(lifetime_rows(self.pk))

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
