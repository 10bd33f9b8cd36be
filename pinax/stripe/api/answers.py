"""What came of a request: an answer, what it says and when it was true, or a failure."""

import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: How far Stripe's `Date` may be from our clock before it is not believed (seconds).
CLOCK_TOLERANCE = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that came whole, with any status."""

    status: int
    #: Names in upper or lower case.
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Failure(Exception):
    """A request without the answer that was asked for. `status` is that of HTTP, None where it does not count."""

    def __init__(self, message: str, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class NoAnswer(Failure):
    """No whole answer came in time, or the request could not be sent."""


class UnreadableAnswer(Failure):
    """An answer that Stripe does not give: a gateway's, a login page, one that is cut."""


class Refusal(Failure):
    """An error of Stripe's form. `details` is what it has under `error`: https://docs.stripe.com/api/errors."""

    def __init__(self, answer: Answer, details: dict[str, Any]) -> None:
        #: Stripe's words; "" where it has none.
        self.words: str = details.get("message") or ""
        self.details = details
        super().__init__(self.words or without_words(answer), status=answer.status, headers=answer.headers)


def without_words(answer: Answer) -> str:
    """What is said of a refusal in which Stripe says nothing."""
    request_id = answer.headers.get("Request-Id")
    return f"Request {request_id}: <empty message>" if request_id else "<empty message>"


def data_of(answer: Answer) -> Any:
    """The JSON of an answer with status 2xx; Refusal or UnreadableAnswer for any other answer."""
    try:
        text = answer.body.decode()
    except UnicodeDecodeError as error:
        raise UnreadableAnswer(f"Stripe's answer is not UTF-8: {error.reason}") from None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):  # No JSON, or nested too deep to be read.
        raise unreadable(answer, text) from None
    if 200 <= answer.status < 300:
        return data
    details = data.get("error") if isinstance(data, dict) else None
    if isinstance(details, dict) and isinstance(details.get("message", ""), str):
        raise Refusal(answer, details)
    raise unreadable(answer, text)


def unreadable(answer: Answer, text: str) -> UnreadableAnswer:
    """The failure for an answer with a text that is not of Stripe's form."""
    return UnreadableAnswer(
        f"An answer with status {answer.status} that is not of Stripe's form: {text}",
        status=answer.status,
        headers=answer.headers,
    )


def reading_time(headers: Mapping[str, str], started: float, ended: float) -> tuple[int | None, int | None]:
    """Between which seconds of Stripe's clock an answer was read, by its `Date`; (None, None) if it is not credible."""
    date = answer_date(headers.get("Date"))
    if date is None or abs(date - ended) > CLOCK_TOLERANCE:
        return None, None
    # Stripe wrote the date after it read the object, and read the object after we asked.
    return int(date - (ended - started)) - 1, int(date) + 1


def answer_date(value: Any) -> float | None:
    """Epoch seconds of the `Date` of an answer; None for what is no date."""
    try:
        return email.utils.parsedate_to_datetime(value).timestamp()
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
