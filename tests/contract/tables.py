"""Which object types have a table of their own, from the table of object types."""

from django.apps import apps

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import MirroredObject


def model_of(object_type: str) -> type[MirroredObject]:
    """The model that mirrors objects of a type."""
    return apps.get_model("pinax_stripe", OBJECT_TYPES[object_type].model)


#: Types of objects that have rows of their own only as parts of others.
PARTS = {row.part.object_type for row in OBJECT_TYPES.values() if row.part is not None}
#: Object type -> its model: all that have a table of their own, without parts.
MODELS = {name: model_of(name) for name, row in OBJECT_TYPES.items() if row.model and name not in PARTS}
