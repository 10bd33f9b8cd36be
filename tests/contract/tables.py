"""Which object types have a table of their own, from the table of object types."""

from django.apps import apps

from pinax.stripe.catalogue.objects import ROWS_BY_NAME
from pinax.stripe.models import MirroredObject

from .columns import COLUMNS
from .oracle import Columns, reference, text


def model_of(object_type: str) -> type[MirroredObject]:
    """The model that mirrors objects of a type: its own, or that of all others."""
    return apps.get_model("pinax_stripe", ROWS_BY_NAME[object_type].model or "OtherObject")


#: Types of objects that have rows of their own only as parts of others.
PARTS = {row.part.object_type for row in ROWS_BY_NAME.values() if row.part is not None}
#: Object type -> its model: all that have a table of their own, without parts.
MODELS = {name: model_of(name) for name, row in ROWS_BY_NAME.items() if row.model and name not in PARTS}
#: Types of objects that are rows of the general table.
OTHERS = sorted(name for name, row in ROWS_BY_NAME.items() if row.has_id and row.is_kept and not row.model)


def columns_of(object_type: str) -> Columns:
    """What the columns say: those of a type's own table, or those of the general one."""
    row = ROWS_BY_NAME[object_type]
    if row.model:
        return COLUMNS[object_type]
    return {"object_type": text("object"), "status": text("status"), "customer_id": reference(*row.customer)}


def places_of_references(object_type: str) -> dict[str, str]:
    """The types that an object refers to -> the newest place of the reference, in the order of the columns."""
    named = {model: name for name, model in MODELS.items()}
    models = {column.attname: column.related_model for column in model_of(object_type)._meta.concrete_fields}
    places = {models[name]: column.places[0] for name, column in columns_of(object_type).items() if column.places}
    return {named[model]: place for model, place in places.items() if model in named}
