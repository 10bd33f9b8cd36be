"""What the mirror reads from Stripe's API: lists that were cut short, and objects as they are now.

Everything here calls the network, so it must run outside any transaction.
"""

import logging
from dataclasses import replace
from typing import Any

from .. import api
from ..exceptions import FinalStripeError, NeedsFetch, ObjectNotFound, UnusableAnswer
from ..stripe_values import mapping
from .freshness import reading_times
from .registry import mirrored_type
from .rows import row_key
from .snapshots import FetchedLists, Resolution, SyncContext

logger = logging.getLogger(__name__)


def has_cut_lists(data: dict[str, Any]) -> bool:
    """Whether `complete_lists` has something to read for an object."""
    mirrored = mirrored_type(data)
    return mirrored is not None and any(is_list_cut(data, name) for name in mirrored.lists)


def is_list_cut(data: dict[str, Any], name: str) -> bool:
    """Whether an object shows only the beginning of one of its lists."""
    return bool(mapping(data.get(name)).get("has_more"))


def complete_lists(data: dict[str, Any], account: str, api_version: str | None = None) -> dict[str, FetchedLists]:
    """The lists of an object that were cut short, whole, from the API, by the object's key; {} when nothing is missing.

    They come in the version that the object was rendered in (see `api.get`), for they take the place of its own.
    """
    mirrored = mirrored_type(data)
    if mirrored is None:
        return {}
    lists: dict[str, list[dict[str, Any]]] = {}
    latest: list[int | None] = []
    for name, where in mirrored.lists.items():
        if not is_list_cut(data, name):
            continue
        path, params = where(data)
        try:
            pages = list(api.pages(path, params, account=account, api_version=api_version))
        except ObjectNotFound:
            continue
        lists[name] = [entry for page in pages for entry in page.data.get("data") or []]
        latest.append(pages[-1].latest)
    if not lists:
        return {}
    read_until = None if None in latest else max(moment for moment in latest if moment is not None)
    return {row_key(mirrored, data, account): FetchedLists(lists=lists, latest=read_until)}


def resolve_need(need: NeedsFetch) -> Resolution:
    """Fetch the object that settles a tie.

    The key may not read every type of object: a tie of one without a table of its own then stays unsettled.
    """
    try:
        fetched = current_object({"id": need.stripe_id}, need.path, account=need.account, api_version=need.api_version)
    except FinalStripeError as error:
        if not need.is_optional:
            raise
        logger.warning("unread key=%s path=%s error=%s", need.key, need.path, error)
        return Resolution(version=need.version)
    lists = complete_lists(fetched.data, need.account, need.api_version).get(need.key)
    return Resolution(version=need.version, fetched=fetched, lists=lists)


def retrieve_related(related: dict[str, Any], *, account: str, api_version: str) -> api.Fetched | None:
    """The current object that an event names, by `id` and `type`; None when it is not one that is mirrored.

    None, too, for an object without a table of its own that the key may not read. The address is made of type and id;
    the one in the event is not used.
    """
    data = {"id": related.get("id"), "object": related.get("type")}
    mirrored = mirrored_type(data)
    path = "" if mirrored is None else mirrored.path(data)
    if mirrored is None or not path:
        return None
    try:
        return current_object(data, path, account=account, api_version=api_version)
    except FinalStripeError as error:
        if not mirrored.is_general:
            raise
        logger.warning("unread path=%s error=%s", path, error)
        return None


def current_object(data: dict[str, Any], path: str, *, account: str, api_version: str) -> api.Fetched:
    """The object at a path, as it is now; the stub of a deleted one, made of `data`, when Stripe does not have it.

    UnusableAnswer when the answer is about another object than the one `data` names.
    """
    try:
        return retrieved(data, path, account=account, api_version=api_version)
    except ObjectNotFound as error:
        return api.Fetched(data={**data, "deleted": True}, earliest=error.earliest, latest=error.latest)


def retrieved(data: dict[str, Any], path: str, *, account: str, api_version: str) -> api.Fetched:
    """The object at a path, as it is now; ObjectNotFound when Stripe does not have it.

    UnusableAnswer when the answer is about another object than the one `data` names.
    """
    fetched = api.retrieve(path, account=account, api_version=api_version)
    if fetched.data.get("id") != data["id"] or not isinstance(fetched.data.get("object"), str):
        raise UnusableAnswer("Stripe answered with another object.", code="api_error")
    return fetched


def as_fetched(context: SyncContext, fetched: api.Fetched) -> SyncContext:
    """The context of what was fetched because of an event."""
    as_of, as_of_end = reading_times(fetched, context.as_of)
    return replace(context, as_of=as_of, as_of_end=as_of_end)
