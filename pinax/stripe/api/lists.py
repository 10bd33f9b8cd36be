"""Lists of Stripe's, read page by page."""

from collections.abc import Iterator
from typing import Any

from ..catalogue.details import Detail
from ..exceptions import UnusableAnswer
from .calls import Fetched, get

#: Longest page of a list.
PAGE = 100


def iterate(path: str, params: dict[str, Any] | None = None, *, account: str = "") -> Iterator[dict[str, Any]]:
    """All objects of a list, page by page, in Stripe's order."""
    for page in pages(path, params, account=account):
        yield from page.data.get("data") or []


def pages(
    path: str,
    params: dict[str, Any] | None = None,
    *,
    account: str = "",
    api_version: str | None = None,
    is_paged: bool = True,
) -> Iterator[Fetched]:
    """The pages of a list, each as Stripe answered it, in an API version (see `get`).

    A list that is not `is_paged` comes whole, and takes no `limit`.
    TemporaryStripeError if it goes round in a circle.
    """
    params = {**({"limit": PAGE} if is_paged else {}), **(params or {})}
    cursors: set[str] = set()
    while True:
        page = get(path, params, account=account, api_version=api_version)
        rows = entries_of_page(page)
        yield page
        if not page.data.get("has_more") or not rows:
            return
        # Before 2019-12-03 several lines of an invoice had one id; the one that is theirs alone stood beside it.
        cursor = str(rows[-1].get("unique_id") or rows[-1]["id"])
        if cursor in cursors:
            raise UnusableAnswer(Detail("list_has_no_end"), code="api_error")
        cursors.add(cursor)
        params = {**params, "starting_after": cursor}


def list_events(params: dict[str, Any], *, account: str = "") -> tuple[list[dict[str, Any]], bool]:
    """One page of the snapshot events of the last 30 days, newest first, and whether there are more."""
    page = get("/v1/events", params, account=account)
    return entries_of_page(page), page.data.get("has_more") is True


def entries_of_page(page: Fetched) -> list[dict[str, Any]]:
    """The objects of a list; TemporaryStripeError for an answer that is none."""
    rows = page.data.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("id") for row in rows):
        raise UnusableAnswer(Detail("answer_is_no_list"), code="api_error")
    return rows
