"""The accounts of Stripe Connect, the persons behind them, and what they may do (https://docs.stripe.com/connect)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .customers import signed, unsigned
from .fields import (
    CountField,
    CurrencyField,
    FlagField,
    NameField,
    PercentField,
    SmallCountField,
    SoftForeignKey,
    StatusField,
    StringField,
    TextsField,
    TimestampField,
)
from .mirror import LiveManager, MirroredObject

#: What a reference is for goes into its signature: one for the metadata of a customer is none for an account.
ACCOUNT_SALT = "pinax.stripe.user.account"
#: Why a rejected account is disabled begins so: `rejected.fraud`.
REJECTED = "rejected."


def account_reference(user: models.Model) -> str:
    """A signed reference to a saved user, for the metadata of a connected account, under `USER_METADATA_KEY`.

    It never expires, and links one account: the first that arrives with it. Only a platform can write the metadata of
    an account (https://docs.stripe.com/api/accounts/update).
    """
    return signed(str(user.pk), ACCOUNT_SALT)


def account_user(reference: str) -> str:
    """The primary key, as text, of the user whom `account_reference` named; signing.BadSignature for anything else."""
    return unsigned(reference, ACCOUNT_SALT)


class AccountManager(LiveManager["Account"]):
    def for_user(self, user: models.Model) -> models.QuerySet["Account"]:
        """The accounts of a user that still exist at Stripe, newest first."""
        return self.get_queryset().filter(user=user)  # type: ignore[misc]  # Of whichever model the project has.

    def connected(self) -> models.QuerySet["Account"]:
        """The accounts that have not taken the platform's access away."""
        return self.get_queryset().filter(deauthorized_at__isnull=True)


class Account(MirroredObject):
    """An account of Stripe's: one that is connected to the platform, or the platform's own.

    The key is the account's own id, in events of the account and of the platform. What Stripe does not say to the
    platform about an account that it does not control (a `standard` one) is None or "".
    """

    #: Ours alone: no event ever changes a link that exists.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stripe_accounts",
        verbose_name=_("user"),
    )
    #: Ours: when the account last took the platform's access away, and when it gave it. The first is None again once
    #: the account has connected anew.
    deauthorized_at = models.DateTimeField(_("left at"), null=True, editable=False)
    authorized_at = models.DateTimeField(_("connected at"), null=True, editable=False)
    # `business_name` and `display_name` until API version 2019-02-19.
    name = NameField(
        _("name"),
        source=("business_profile.name", "settings.dashboard.display_name", "business_name", "display_name"),
    )
    email = NameField(_("email"))
    #: "none" for accounts that `controller` describes, whose words are in the columns below.
    type = StringField(_("type"), words=words.ACCOUNT_TYPES)
    dashboard = StringField(_("dashboard"), source="controller.stripe_dashboard.type", words=words.ACCOUNT_DASHBOARDS)
    requirement_collection = StringField(
        _("who collects what is due"), source="controller.requirement_collection", words=words.CONTROLLERS
    )
    losses = StringField(_("who bears losses"), source="controller.losses.payments", words=words.CONTROLLERS)
    fee_payer = StringField(_("who pays Stripe's fees"), source="controller.fees.payer", words=words.CONTROLLERS)
    # `legal_entity.type` until API version 2019-02-19.
    business_type = StringField(
        _("business type"), source=("business_type", "legal_entity.type"), words=words.BUSINESS_TYPES
    )
    country = StringField(_("country"))
    default_currency = CurrencyField(_("default currency"))
    charges_enabled = FlagField(_("charges enabled"))
    # `transfers_enabled` until API version 2017-04-06.
    payouts_enabled = FlagField(_("payouts enabled"), source=("payouts_enabled", "transfers_enabled"))
    details_submitted = FlagField(_("details submitted"))
    # `verification` until API version 2019-02-19.
    #: Why Stripe has switched something off; `rejected.fraud` and others of that beginning for rejected accounts.
    disabled_reason = StringField(
        _("why disabled"),
        source=("requirements.disabled_reason", "verification.disabled_reason"),
        words=words.DISABLED_REASONS,
    )
    #: When Stripe switches something off unless what is due was given.
    current_deadline = TimestampField(_("due by"), source=("requirements.current_deadline", "verification.due_by"))
    #: What Stripe wants to know by then: names such as `external_account` or `individual.verification.document`.
    currently_due = TextsField(_("currently due"), source=("requirements.currently_due", "verification.fields_needed"))
    #: What of it is late: that is why something is switched off.
    past_due = TextsField(_("past due"), source="requirements.past_due")

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_account_created"),
        ]

    @property
    def has_left(self) -> bool:
        """Whether the account took the platform's access away, and nothing newer of it has arrived since."""
        return self.deauthorized_at is not None and self.deauthorized_at >= self.as_of

    @property
    def is_rejected(self) -> bool:
        """Whether Stripe, or the platform, rejected the account: nothing that is due can help it."""
        return self.disabled_reason.startswith(REJECTED)

    @property
    def can_charge(self) -> bool:
        """Whether the account can take payments now, through this platform."""
        return self.charges_enabled is True and not (self.is_deleted or self.has_left)

    @property
    def can_be_paid(self) -> bool:
        """Whether the account's balance is paid out to its bank now, and the platform can act for it."""
        return self.payouts_enabled is True and not (self.is_deleted or self.has_left)

    @property
    def needs_information(self) -> bool:
        """Whether Stripe waits for something that the account's owner has to give."""
        return bool(self.currently_due or self.past_due) and not self.is_rejected


class Person(MirroredObject):
    """Who stands behind an account: its representative, an owner, a director."""

    account = SoftForeignKey("pinax_stripe.Account", related_name="persons", verbose_name=_("account"))
    first_name = NameField(_("first name"))
    last_name = NameField(_("last name"))
    email = StringField(_("email"))
    title = StringField(_("title"), source="relationship.title")
    is_representative = FlagField(_("representative"), source="relationship.representative")
    is_owner = FlagField(_("owner"), source="relationship.owner")
    is_director = FlagField(_("director"), source="relationship.director")
    is_executive = FlagField(_("executive"), source="relationship.executive")
    percent_ownership = PercentField(_("share of ownership"), source="relationship.percent_ownership")
    status = StatusField(
        _("verification"), source="verification.status", words=words.VERIFICATION_STATUSES, tones={"unverified": "bad"}
    )
    currently_due = TextsField(_("currently due"), source="requirements.currently_due")
    past_due = TextsField(_("past due"), source="requirements.past_due")

    class Meta(MirroredObject.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("persons")

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Capability(MirroredObject):
    """What an account may do, such as `card_payments`: that is its id, so its key has the account in front."""

    account = SoftForeignKey("pinax_stripe.Account", related_name="capabilities", verbose_name=_("account"))
    status = StatusField(_("status"), words=words.CAPABILITY_STATUSES, tones=words.CAPABILITY_TONES)
    requested = FlagField(_("requested"))
    disabled_reason = StringField(
        _("why disabled"), source="requirements.disabled_reason", words=words.DISABLED_REASONS
    )
    current_deadline = TimestampField(_("due by"), source="requirements.current_deadline")
    currently_due = TextsField(_("currently due"), source="requirements.currently_due")
    past_due = TextsField(_("past due"), source="requirements.past_due")

    class Meta(MirroredObject.Meta):
        verbose_name = _("capability")
        verbose_name_plural = _("capabilities")


class ExternalAccount(MirroredObject):
    """A bank account or debit card that an account is paid to; the key has the account in front."""

    account = SoftForeignKey("pinax_stripe.Account", related_name="external_accounts", verbose_name=_("account"))
    kind = StringField(_("type"), source="object", words=words.EXTERNAL_ACCOUNT_TYPES)
    currency = CurrencyField(_("currency"))
    #: Whether payouts in its currency go there when they name no other.
    default_for_currency = FlagField(_("default of its currency"))
    #: Of bank accounts. `errored` after a payout that failed: Stripe schedules none there until it is corrected.
    status = StatusField(
        _("status"),
        words=words.BANK_ACCOUNT_STATUSES,
        tones={"errored": "bad", "tokenized_account_number_deactivated": "bad", "verification_failed": "bad"},
    )
    country = StringField(_("country"))
    last4 = StringField(_("last four digits"))
    fingerprint = StringField(_("fingerprint"))
    account_holder_name = StringField(_("account holder"), source=("account_holder_name", "name"))
    account_holder_type = StringField(_("type of account holder"), words=words.ACCOUNT_HOLDER_TYPES)
    bank_name = StringField(_("bank"))
    routing_number = StringField(_("routing number"))
    brand = StringField(_("brand"))
    funding = StringField(_("funding"), words=words.FUNDINGS)
    exp_month = SmallCountField(_("expiry month"), most=12)
    exp_year = CountField(_("expiry year"), most=9999)

    class Meta(MirroredObject.Meta):
        verbose_name = _("payout destination")
        verbose_name_plural = _("payout destinations")

    @property
    def label(self) -> str:
        """The bank or the card's brand, and the last four digits."""
        return " ".join(part for part in (self.bank_name or self.brand, self.last4 and f"•••• {self.last4}") if part)
