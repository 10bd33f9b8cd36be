"""What customers may use: features, the products that have them, and who is entitled to them now.

https://docs.stripe.com/billing/entitlements
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import FlagField, NameField, SoftForeignKey, StringField
from .mirror import KEY_LENGTH, MirroredObject, index_of_deleted


class Feature(MirroredObject):
    """Something that a project sells, under a name of its own (`lookup_key`). Stripe makes no events of features."""

    name = NameField(_("name"))
    lookup_key = StringField(_("lookup key"))
    active = FlagField(_("active"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("feature")
        verbose_name_plural = _("features")


class ProductFeature(MirroredObject):
    """That a product has a feature. Stripe makes no events of these; the object does not name its product."""

    product = SoftForeignKey("pinax_stripe.Product", related_name="features", verbose_name=_("product"))
    feature = SoftForeignKey(
        "pinax_stripe.Feature", related_name="products", source="entitlement_feature", verbose_name=_("feature")
    )
    lookup_key = NameField(_("lookup key"), source="entitlement_feature.lookup_key")

    class Meta(MirroredObject.Meta):
        verbose_name = _("feature of a product")
        verbose_name_plural = _("features of products")


class ActiveEntitlement(MirroredObject):
    """That a customer may use a feature now. A tombstone is one that was revoked."""

    #: Whom the summary names that the entitlement came with: it does not name its customer itself.
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="entitlements", verbose_name=_("customer"))
    feature = SoftForeignKey("pinax_stripe.Feature", related_name="entitlements", verbose_name=_("feature"))
    lookup_key = NameField(_("lookup key"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        indexes = [index_of_deleted("pinax_entitlement_deleted")]


class EntitlementState(models.Model):
    """Of which moment the entitlements of a customer are: a summary that is older changes none of them."""

    #: Key of the customer's row, which may not be there yet.
    id = models.CharField(primary_key=True, max_length=KEY_LENGTH, editable=False)
    as_of = models.DateTimeField()
    as_of_end = models.DateTimeField()
    #: Counts the changes; a list that was read is written only over the state that it was read for.
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        # No permissions: staff do not see this table.
        default_permissions = ()

    def __str__(self) -> str:
        return self.id
