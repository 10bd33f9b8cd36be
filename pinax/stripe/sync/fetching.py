"""What the mirror reads from Stripe's API: lists that were cut short, and objects as they are now.

Everything here calls the network, so it must run outside any transaction.
"""

import logging
from dataclasses import replace
from typing import Any

from .. import api
from ..catalogue.objects import name_of, naming
from ..exceptions import FinalStripeError, NeedsFetch, ObjectNotFound, UnusableAnswer
from ..models.mirror import mirror_key
from ..stripe_values import mapping, reference, text
from .freshness import reading_times
from .registry import MirroredPart, MirroredType, mirrored_type
from .rows import row_key
from .snapshots import FetchedLists, Resolution, SyncContext

logger = logging.getLogger(__name__)


#: Stripe's time of a reading of what changes no more: it is as old as the object that it belongs to.
EARLIER = 1


def has_lists_to_read(data: dict[str, Any], account: str) -> bool:
    """Whether `complete_lists` has something to read for an object."""
    mirrored = mirrored_type(data)
    return mirrored is not None and bool(lists_to_read(mirrored, data, account))


def lists_to_read(mirrored: MirroredType, data: dict[str, Any], account: str) -> list[str]:
    """The lists that an object does not show whole, by their names in the object."""
    cut = [name for name in mirrored.lists if is_list_cut(data, name)]
    part = mirrored.part
    return [*cut, part.attribute] if part is not None and is_part_missing(mirrored, part, data, account) else cut


def is_list_cut(data: dict[str, Any], name: str) -> bool:
    """Whether an object shows only the beginning of one of its lists."""
    return bool(mapping(data.get(name)).get("has_more"))


def can_change(mirrored: MirroredType, data: dict[str, Any], name: str) -> bool:
    """Whether a list that was read may be newer than its object: one that the object shows a part of, or could edit."""
    part = mirrored.part
    is_edited = part is not None and part.attribute == name and part.part.is_read_always
    return is_edited or is_list_cut(data, name)


def is_part_missing(mirrored: MirroredType, part: MirroredPart, data: dict[str, Any], account: str) -> bool:
    """Whether the rows of an object's parts are to be read, which no event shows, and are not there yet. One query."""
    if not is_part_due(part, data):
        return False
    if part.part.is_read_always:
        return True
    if not part.part.newest:
        # Those of an earlier status may have changed since.
        known = {part.owner: row_key(mirrored, data, account), f"{part.part.owner}__status__in": part.part.read_with}
        return not part.model.all_objects.filter(**known).exists()
    newest = reference(data.get(part.part.newest))
    if newest is None:
        return False
    known = {"pk": mirror_key(newest, account), "status__in": part.part.final_statuses}
    return not part.model.all_objects.filter(**known).exists()


def is_part_due(part: MirroredPart, data: dict[str, Any]) -> bool:
    """Whether an object has parts by now that it does not show."""
    is_time = part.part.is_read_always or text(data.get("status")) in part.part.read_with
    return is_time and data.get(part.attribute) is None


def may_have_lists_to_read(data: dict[str, Any]) -> bool:
    """What can be said of `has_lists_to_read` without asking the database: False if there are none for sure."""
    mirrored = mirrored_type(data)
    if mirrored is None:
        return False
    part = mirrored.part
    return any(is_list_cut(data, name) for name in mirrored.lists) or (part is not None and is_part_due(part, data))


def complete_lists(
    data: dict[str, Any], account: str, api_version: str | None = None, names: list[str] | None = None
) -> dict[str, FetchedLists]:
    """The lists that an object does not show whole, from the API, by the object's key; {} when nothing is missing.

    `names` are those lists, if they are known; else the database is asked.

    They come in the version that the object was rendered in (see `api.get`), for they take the place of its own.
    """
    mirrored = mirrored_type(data)
    if mirrored is None:
        return {}
    lists: dict[str, list[dict[str, Any]]] = {}
    latest: list[int | None] = []
    for name in lists_to_read(mirrored, data, account) if names is None else names:
        path, params = mirrored.lists[name](data)
        try:
            asked = mirrored.asked_account(account)
            pages = list(api.pages(path, params, account=asked, api_version=api_version))
        except ObjectNotFound:
            continue
        lists[name] = [entry for page in pages for entry in page.data.get("data") or []]
        if can_change(mirrored, data, name):
            latest.append(pages[-1].latest)
    if not lists:
        return {}
    read_until = None if None in latest else max((moment for moment in latest if moment is not None), default=EARLIER)
    return {row_key(mirrored, data, account): FetchedLists(lists=lists, latest=read_until)}


def resolve_need(need: NeedsFetch) -> Resolution:
    """Fetch the object that settles a tie.

    The key may not read every type of object: a tie of one without a table of its own then stays unsettled.
    """
    try:
        named = naming(need.object_type, need.stripe_id)
        fetched = current_object(named, need.path, account=need.account, api_version=need.api_version)
    except FinalStripeError as error:
        if not need.is_optional:
            raise
        logger.warning("unread key=%s path=%s error=%s", need.key, need.path, error)
        return Resolution(version=need.version)
    lists = complete_lists(fetched.data, need.account, need.api_version).get(need.key)
    return Resolution(version=need.version, fetched=fetched, lists=lists)


def retrieve_related(data: dict[str, Any], *, account: str, api_version: str) -> api.Fetched | None:
    """The current object of which an event says that much: its `object` string, its name, and the parents in its path.

    None when it is not one that is mirrored, and for an object without a table of its own that the key may not read.
    """
    mirrored = mirrored_type(data)
    path = "" if mirrored is None else mirrored.path(data)
    if mirrored is None or not path:
        return None
    try:
        return current_object(data, path, account=mirrored.asked_account(account), api_version=api_version)
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
    if name_of(fetched.data) != name_of(data) or not isinstance(fetched.data.get("object"), str):
        raise UnusableAnswer("Stripe answered with another object.", code="api_error")
    return fetched


def as_fetched(context: SyncContext, fetched: api.Fetched) -> SyncContext:
    """The context of what was fetched because of an event."""
    as_of, as_of_end = reading_times(fetched, context.as_of)
    return replace(context, as_of=as_of, as_of_end=as_of_end)
