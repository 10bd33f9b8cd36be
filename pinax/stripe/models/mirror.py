"""What every mirrored table shares: keys, freshness, tombstones, and references whose target may not exist yet."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..stripe_values import ID_LENGTH
from .fields import FlagField, MappingField, TimestampField
from .fields import SoftForeignKey as SoftForeignKey  # Migrations name it here.

if TYPE_CHECKING:
    from typing_extensions import Self

KEY_LENGTH = 2 * ID_LENGTH + 1


def mirror_key(stripe_id: str, account: str = "") -> str:
    """Primary key of a mirrored row: the Stripe id, with the connected account in front when there is one.

    Ids that people choose (plans, products, coupons) repeat between accounts; `acct_1/gold` does not. The key of an
    account is its own id, `acct_1`.
    """
    return f"{account}/{stripe_id}" if account and account != stripe_id else stripe_id


Row = TypeVar("Row", bound="MirroredObject", covariant=True)


def own_writes() -> Any:
    """`sync.own_writes`, which is above the models: the app knows it."""
    return apps.get_app_config("pinax_stripe").own_writes  # type: ignore[attr-defined]


class LiveManager(models.Manager[Row]):
    """Rows that still exist at Stripe."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(deleted_at__isnull=True)

    def fetch(self, stripe_id: str, *, account: str = "", **more: str) -> Row:
        """Read an object from Stripe's API now; its row, which is written unless it is newer.

        `account` is the connected account that has it. What is read below another object needs the other's id, too:
        `Card.objects.fetch("card_1", customer="cus_1")`; OtherObject needs the type, `object_type="climate.order"`.
        ObjectNotFound when Stripe does not have it and there is no row (else that becomes a tombstone, which is
        returned), InTransaction inside a transaction, UnusableObject for what cannot be read by itself or is of
        another type at Stripe, StripeError when Stripe does not answer.
        """
        return own_writes().fetch(self.model, stripe_id, account=account, **more)


def not_of_a_deleted_customer() -> Any:
    """For rows that refer to a customer: that the customer was not deleted at Stripe; it may not have arrived yet.

    By what is not there, for which there is an index: a join would read every customer to count rows.
    """
    customers: Any = apps.get_model("pinax_stripe", "Customer")
    return ~models.Exists(customers.all_objects.filter(pk=models.OuterRef("customer_id"), deleted_at__isnull=False))


def index_of_deleted(name: str = "pinax_%(class)s_deleted") -> models.Index:
    """The index of deleted rows: they are few, and by it what is left is counted without a look at its rows.

    Models with long names name it themselves: an index has at most 30 characters.
    """
    return models.Index(fields=["id"], condition=models.Q(deleted_at__isnull=False), name=name)


class MirroredObject(models.Model):
    """One Stripe object, as it was in the last second that is known.

    `objects` leaves out what was deleted at Stripe, and so do lists such as `customer.subscriptions`;
    `all_objects` has everything.
    """

    #: `stripe_id`, with `<account>/` in front for an object of a connected account.
    id = models.CharField(primary_key=True, max_length=KEY_LENGTH, editable=False)
    stripe_id = models.CharField(_("Stripe id"), max_length=ID_LENGTH, db_index=True)
    #: Id of the connected account the object belongs to; "" for the platform's own.
    stripe_account = models.CharField(_("connected account"), max_length=ID_LENGTH, blank=True, default="")
    livemode = FlagField(_("live mode"))
    # Invoices had `date` until API version 2019-03-14.
    created_at = TimestampField(
        _("created at"), source=("created", "date"), help_text=_("When Stripe created the object.")
    )
    metadata = MappingField(_("metadata"))
    #: The whole object as Stripe sent it, without secrets.
    stripe_data = models.JSONField(_("object"), default=dict)
    #: The row is at least as new as this whole second of Stripe's clock ...
    as_of = models.DateTimeField(_("as of"))
    #: ... and may hold anything up to this one. They differ for what was fetched, written by the project itself, or
    #: completed with a fetch of its cut lists.
    as_of_end = models.DateTimeField(_("as of, at the latest"))
    #: Counts the writes of this row; a fetched object is written only over the version it was fetched for.
    version = models.PositiveBigIntegerField(_("version"), default=1)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, help_text=_("When it was deleted at Stripe."))
    synced_at = models.DateTimeField(_("written at"), auto_now=True, help_text=_("Our clock."))

    objects: ClassVar["LiveManager[Self]"] = LiveManager()
    all_objects: ClassVar["models.Manager[Self]"] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "all_objects"
        ordering = ["-created_at"]
        #: A model with indexes of its own adds them to these.
        indexes = [index_of_deleted()]

    def __str__(self) -> str:
        return self.id

    @classmethod
    def sync_from_stripe_data(cls, obj: Any, *, account: str | None = None) -> "Self":
        """The row of an object that Stripe's SDK returned, as it is afterwards: written unless the row is newer.

        `obj` is a StripeObject, or the JSON of one as dicts and lists. `account` is the connected account it belongs
        to; by default the one that the SDK was asked for. UnusableObject for an object of another type, or of the other
        mode than the key's.
        """
        return own_writes().sync_as(cls, obj, account=account)

    def refresh_from_stripe(self) -> "Self":
        """Read the object from Stripe's API now, write the row unless it is newer, and load it again; the row itself.

        An object that Stripe does not have becomes a tombstone. InTransaction inside a transaction, StripeError when
        Stripe does not answer.
        """
        own_writes().refresh(self)
        self.refresh_from_db()
        return self

    @property
    def is_deleted(self) -> bool:
        """Whether the object was deleted at Stripe; the row stays as its tombstone."""
        return self.deleted_at is not None
