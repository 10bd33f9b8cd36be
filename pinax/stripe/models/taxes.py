"""Tax rates, and the tax ids of customers and of the account."""

from django.utils.translation import gettext_lazy as _

from . import words
from .fields import FlagField, NameField, PercentField, SoftForeignKey, StatusField, StringField, StripeIdField
from .mirror import MirroredObject


class TaxRate(MirroredObject):
    """A rate of tax that subscriptions and invoices are billed with. It can be archived, and is never deleted."""

    display_name = NameField(_("name"))
    active = FlagField(_("active"))
    percentage = PercentField(_("percentage"))
    #: What Stripe Tax takes, which can be another than the nominal one.
    effective_percentage = PercentField(_("effective percentage"))
    inclusive = FlagField(_("included in the amount"))
    tax_type = StringField(_("kind of tax"), words=words.TAX_TYPES)
    rate_type = StringField(_("kind of rate"), words=words.TAX_RATE_TYPES)
    jurisdiction = StringField(_("jurisdiction"))
    jurisdiction_level = StringField(_("level of jurisdiction"), words=words.JURISDICTION_LEVELS)
    country = StringField(_("country"))
    state = StringField(_("state or province"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")


class TaxId(MirroredObject):
    """A tax id, such as a VAT number; `customer` is None for one of the account itself."""

    value = NameField(_("tax id"))
    #: `eu_vat`, `us_ein` and so on (https://docs.stripe.com/billing/customer/tax-ids).
    type = StringField(_("type"))
    country = StringField(_("country"))
    # Until 2024-04-10 always that of a customer.
    owner_type = StringField(_("belongs to"), source="owner.type", words=words.TAX_ID_OWNERS)
    customer = SoftForeignKey(
        "pinax_stripe.Customer",
        related_name="tax_ids",
        verbose_name=_("customer"),
        source=("customer", "owner.customer"),
    )
    customer_account = StripeIdField(_("customer account"))
    #: Id of the connected account that it belongs to.
    owner_account = StripeIdField(_("account"), source="owner.account")
    verification_status = StatusField(
        _("verification"),
        source="verification.status",
        words=words.TAX_ID_VERIFICATIONS,
        tones={"unverified": "bad"},
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("tax id")
        verbose_name_plural = _("tax ids")
