"""One table for all objects that have none of their own."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import SoftForeignKey, StatusField, StringField
from .mirror import ID_LENGTH, KEY_LENGTH, MirroredObject

#: Characters of an `object` string at most ...
TYPE_LENGTH = 64
#: ... and of an id, so that both fit into a key, with a connected account in front.
OTHER_ID_LENGTH = KEY_LENGTH - len("/") - ID_LENGTH - len(":") - TYPE_LENGTH


#: Words for statuses that no type with a table of its own has -> the tone in which pages show them.
TONES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("accepted", "complete", "completed", "issued"), "good"),
        **dict.fromkeys(("not_started", "requires_input"), "open"),
    }
)


class OtherObject(MirroredObject):
    """An object of a type that has no table of its own: `issuing.card`, or a type newer than this release.

    The key is `<type>:<stripe_id>`, because objects of several types may have the same id; an object of a connected
    account has `<account>/` in front, as elsewhere. What the columns do not say is in `stripe_data`.
    """

    #: Stripe's `object` string, the present one of types that had another name before.
    object_type = StringField(_("object type"), source="object")
    #: Stripe's word, for types that have one; its meaning depends on the type.
    status = StatusField(_("status"), tones=TONES)
    #: The customer that the object is about, under whichever name Stripe has it.
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="other_objects", db_index=False, verbose_name=_("customer")
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("other object")
        verbose_name_plural = _("other objects")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_other_created"),
            # Those of one type among them, without a look at the rows of the others.
            models.Index(
                fields=["customer", "-created_at", "-id", "object_type"], name="pinax_stripe_other_of_customer"
            ),
            models.Index(fields=["object_type", "-created_at", "-id"], name="pinax_stripe_other_type"),
        ]


def other_key(object_type: str, stripe_id: str) -> str:
    """What stands for the id in the key of an object without a table of its own."""
    return f"{object_type}:{stripe_id}"


#: A key of the general table: perhaps a connected account, then type and id.
KEY = re.compile(r"(?:(?P<account>[^/:]+)/)?(?P<type>[a-z0-9_.]+):(?P<id>.+)", re.DOTALL)


def named_by(key: str) -> tuple[str, str, str] | None:
    """Type, id and account of the object that a key of this table is of; None for what is no such key."""
    found = KEY.fullmatch(key)
    return found and (found["type"], found["id"], found["account"] or "")
