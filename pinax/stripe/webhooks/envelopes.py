"""Reads the envelope of an event, old or new, and refuses what is not an event.

Pure, and cheap whatever the body is.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytz
from django.utils.dateparse import parse_datetime

from ..catalogue.details import Detail, DetailOrText
from ..exceptions import ExplainedError
from ..models.documents import without_volatile
from ..models.events import Event, EventSource
from ..models.mirror import ID_LENGTH
from ..stripe_values import clamp_time, identifier, mapping, storable_text, text, timestamp

THIN = "v2.core.event"
#: Dashboard samples have ids such as evt_00000000000000 or account.external_00000000000000.
SAMPLE_ID = re.compile(r"[a-z0-9_.]{1,200}_0{14}")
EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}")
EVENT_TYPE = re.compile(r"[A-Za-z0-9_.\[\]]{1,255}")
ACCOUNT_ID = re.compile(r"acct_[A-Za-z0-9_]{1,200}")
#: Where an instance keeps the envelope of its message.
KNOWN = "_posted_envelope"
#: Stripe's deepest objects have about a dozen levels.
MAX_DEPTH = 100


class NotAnEvent(ExplainedError):
    """The body is no event that one account could have; `code` is `not_json`, `not_an_event` or `organization`."""

    def __init__(self, message: DetailOrText, *, code: str = "not_an_event", payload: Any = None) -> None:
        super().__init__(message, code=code)
        self.payload = payload


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What every event has, whatever its age."""

    payload: dict[str, Any]
    stripe_id: str
    kind: str
    livemode: bool
    #: The connected account; "" for the platform's own events.
    account: str
    api_version: str
    created_at: datetime
    object_type: str
    object_id: str
    is_thin: bool

    @property
    def is_sample(self) -> bool:
        """Whether it was sent with the dashboard's "send test webhook"."""
        return SAMPLE_ID.fullmatch(self.stripe_id) is not None

    @property
    def fingerprint(self) -> str:
        """Distinguishes two messages under one id; the same for every delivery of one event to one endpoint."""
        return hashlib.sha256(json.dumps(without_volatile(self.payload), sort_keys=True).encode()).hexdigest()


def parse_body(body: bytes) -> Any:
    """The JSON in a body; NotAnEvent when there is none, or when it is nested too deeply."""
    if not body:
        raise NotAnEvent(Detail("body_is_empty"), code="not_json")
    try:
        payload = json.loads(body.decode("utf-8"), parse_constant=reject_constant)
    except UnicodeDecodeError as error:
        raise NotAnEvent(Detail("body_is_not_utf8", {"position": error.start}), code="not_json") from None
    except RecursionError:
        raise NotAnEvent(Detail("body_is_too_deep"), code="not_json") from None
    except ValueError as error:
        raise NotAnEvent(Detail("body_is_not_json", {"message": str(error)[:200]}), code="not_json") from None
    # What is nested has brackets: few bodies have so many.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and depth_exceeds(payload, MAX_DEPTH):
        raise NotAnEvent(Detail("body_is_too_deep"), code="not_json")
    return payload


def reject_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def depth_exceeds(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested deeper than `limit`."""
    level = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True


def parse_envelope(payload: Any, *, is_asked_for: bool = False) -> Envelope:
    """The envelope of a payload; NotAnEvent names the first thing that is wrong.

    `is_asked_for` says that the payload is Stripe's answer to a question in the name of one account, so that it is of
    that account whatever it says.
    """
    if not isinstance(payload, dict):
        raise NotAnEvent(Detail("body_is_no_object"), payload=payload)
    is_thin = payload.get("object") == THIN
    if not is_thin and payload.get("object") != "event":
        raise NotAnEvent(Detail("object_is_no_event"), payload=payload)
    created_at = parse_created(payload.get("created"))
    account = account_of(payload)
    if not is_asked_for and is_of_organization(payload, account):
        raise NotAnEvent(Detail("context_of_organization"), code="organization", payload=payload)
    checks = (
        ("id", is_event_id(payload.get("id"))),
        ("type", matches_fully(EVENT_TYPE, payload.get("type"))),
        ("created", created_at is not None),
        ("livemode", isinstance(payload.get("livemode"), bool)),
        ("account", account == "" or is_account(account)),
        ("data", is_data(payload.get("data"), is_thin)),
        ("api_version", len(text(payload.get("api_version"))) <= ID_LENGTH),
    )
    for name, is_right in checks:
        if not is_right:
            raise NotAnEvent(Detail("attribute_is_wrong", {"name": name}), payload=payload)
    assert created_at is not None
    data = mapping(mapping(payload.get("data")).get("object"))
    related = mapping(payload.get("related_object"))
    return Envelope(
        payload=payload,
        stripe_id=payload["id"],
        kind=payload["type"],
        livemode=payload["livemode"],
        account=account,
        api_version=storable_text(text(payload.get("api_version"))),
        created_at=created_at,
        object_type=fit_column(text(data.get("object")) or text(related.get("type"))),
        object_id=fit_column(identifier(data) or identifier(related)),
        is_thin=is_thin,
    )


def posted_envelope(event: Event) -> Envelope:
    """The envelope of what was posted, or listed; NotAnEvent. It is parsed once for each instance and message."""
    message = event.webhook_message
    known = event.__dict__.get(KNOWN)
    if known is None or known.payload is not message:
        known = parse_envelope(message, is_asked_for=event.source != EventSource.WEBHOOK)
        remember_envelope(event, known)
    return known


def remember_envelope(event: Event, envelope: Envelope) -> None:
    """Keep the envelope of an event's message for `posted_envelope`."""
    event.__dict__[KNOWN] = envelope


def account_of(payload: dict[str, Any]) -> Any:
    """What says which connected account an event belongs to; "" for the platform's own events.

    `account`, `user_id` before API version 2017-05-25, `context` in thin events. The context of a snapshot is that of
    the endpoint, which may be another account than the one that the event belongs to.
    """
    context = payload.get("context") if payload.get("object") == THIN else ""
    return payload.get("account") or payload.get("user_id") or context or ""


def is_of_organization(payload: dict[str, Any], account: Any) -> bool:
    """Whether an event was sent by an organization's endpoint, to which the events of all its accounts come.

    A snapshot then names its account in the context only, if at all; without one its objects would be taken for those
    of the key's own account. The context of a thin one leads through the organization to the account.
    """
    if payload.get("object") == THIN:
        return isinstance(account, str) and account.startswith("org_")
    return not account and bool(payload.get("context"))


def fit_column(value: str) -> str:
    """Text that fits a column of an event."""
    return storable_text(value)[:ID_LENGTH]


def matches_fully(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_event_id(value: Any) -> bool:
    return matches_fully(EVENT_ID, value) or matches_fully(SAMPLE_ID, value)


def is_account(value: Any) -> bool:
    """An account id, or a path of them (the `context` of a thin event)."""
    return (
        isinstance(value, str)
        and len(value) <= ID_LENGTH
        and all(matches_fully(ACCOUNT_ID, part) for part in value.split("/"))
    )


def is_data(value: Any, is_thin: bool) -> bool:
    """Snapshot events carry `data.object`; a legacy `ping` and thin events may come without data."""
    if value is None:
        return True
    return isinstance(value, dict) and (is_thin or isinstance(value.get("object", {}), dict))


def parse_created(value: Any) -> datetime | None:
    """Epoch seconds of a snapshot event, or the ISO 8601 string of a thin one."""
    if isinstance(value, str):
        try:
            moment = parse_datetime(value)
            if moment is None or moment.tzinfo is None:
                return None
            return clamp_time(moment.astimezone(pytz.utc))
        except (OverflowError, ValueError):
            return None
    return timestamp(value)
