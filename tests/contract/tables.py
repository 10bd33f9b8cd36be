"""Which object types have a table of their own, from the table of object types."""

from django.apps import apps

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import MirroredObject

from .columns import COLUMNS


def model_of(object_type: str) -> type[MirroredObject]:
    """The model that mirrors objects of a type."""
    return apps.get_model("pinax_stripe", OBJECT_TYPES[object_type].model)


#: Types of objects that have rows of their own only as parts of others.
PARTS = {row.part.object_type for row in OBJECT_TYPES.values() if row.part is not None}
#: Object type -> its model: all that have a table of their own, without parts.
MODELS = {name: model_of(name) for name, row in OBJECT_TYPES.items() if row.model and name not in PARTS}


def places_of_references(object_type: str) -> dict[str, str]:
    """The types that an object refers to -> the newest place of the reference, in the order of the columns."""
    named = {model: name for name, model in MODELS.items()}
    columns = {column.attname: column.related_model for column in model_of(object_type)._meta.concrete_fields}
    found = {columns[name]: column.places[0] for name, column in COLUMNS[object_type].items() if columns.get(name)}
    return {named[model]: place for model, place in found.items() if model in named}
