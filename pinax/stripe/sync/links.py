"""Links a mirrored customer to the project's user, once, by a reference only the project can sign."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError

from ..models.customers import USER_METADATA_KEY, USER_SALT, Customer
from .values import dig


def link_user(key: str, data: dict[str, Any], account: str) -> None:
    """Set the user of a customer whose metadata names one, unless it has one already.

    Connected accounts write their own metadata, so theirs is not believed; an e-mail address never is.
    """
    reference = dig(data, "metadata", USER_METADATA_KEY)
    if account or not isinstance(reference, str):
        return
    try:
        pk = signing.Signer(salt=USER_SALT).unsign(reference)
        user = get_user_model()._default_manager.filter(pk=pk).first()
    except (signing.BadSignature, ValueError, ValidationError):
        return
    if user is not None:
        Customer.all_objects.filter(pk=key, user__isnull=True).update(user=user)
