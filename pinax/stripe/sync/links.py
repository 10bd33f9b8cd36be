"""Links a mirrored customer to the project's user, once, by a reference only the project can sign."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError

from ..models.customers import USER_METADATA_KEY, Customer, referenced_user
from .values import dig


def link_user(key: str, data: dict[str, Any], account: str) -> None:
    """Give a customer that has no user the one whom its own object (`data`) names."""
    user = user_of(data, account)
    if user is not None:
        set_user(key, user)


def set_user(key: str, user: Any) -> None:
    """Give a customer a user unless it has one: a link that exists is never changed."""
    Customer.all_objects.filter(pk=key, user__isnull=True).update(user=user)


def user_of(data: dict[str, Any], account: str) -> Any:
    """The user whom an object names with a reference of ours; None for any other.

    Connected accounts write their own objects, so theirs are not believed; an e-mail address never is.
    """
    references = () if account else (data.get("client_reference_id"), dig(data, "metadata", USER_METADATA_KEY))
    users = (user_named(reference) for reference in references)
    return next((user for user in users if user is not None), None)


def user_named(reference: Any) -> Any:
    """The user of a signed reference; None for anything else."""
    if not isinstance(reference, str):
        return None
    try:
        return get_user_model()._default_manager.filter(pk=referenced_user(reference)).first()
    except (signing.BadSignature, ValueError, ValidationError):
        return None
