"""Stripe's API: the one module that imports the SDK. Plain dicts in and out, errors sorted.

Every error leaves here as a `TemporaryStripeError` (try again later) or a `FinalStripeError` (trying again does not
help). `post` and `delete` change things at Stripe: they are for `actions`, and nothing that handles an event calls
them.
"""

import email.utils
import json
import logging
import os
import random
import re
import threading
import time
import urllib.parse
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import requests
import requests.auth
import stripe
import urllib3

from .catalogue.details import Detail
from .conf import is_sendable, secret_key, setting
from .exceptions import (
    AccessDenied,
    AccountInaccessible,
    FinalStripeError,
    ListChanged,
    ObjectNotFound,
    StripeError,
    TemporaryStripeError,
    UnusableAnswer,
)

# With telemetry the SDK writes an id below the home directory and, since 15.3.1, fails where there is none.
stripe.enable_telemetry = False
#: The version the SDK was made for; read once, because `stripe.api_version` belongs to the whole process.
PINNED: str = stripe.api_version or ""

#: How far Stripe's `Date` may be from our clock before it is not believed (seconds).
CLOCK_TOLERANCE = 60
#: Longest page of a list.
PAGE = 100
#: An API version: a date, since 2024 with a name; events of 2016 may have features of a preview behind it, too
#: (`2016-03-07; orders_beta=v3`). Nothing else is put into a header.
VERSION = re.compile(r"\d{4}-\d{2}-\d{2}([ -~]{0,200}[!-~])?")

#: Code by which Stripe says that it does not have an object, the one that v2 has besides, and the type of the error.
MISSING, MISSING_V2 = "resource_missing", "not_found"
REFUSED = "invalid_request_error"
#: What Stripe adds if a key of the other mode would find the object: it exists, and the key is of the wrong mode.
OTHER_MODE_HINT = re.compile(r"similar object exists in \w+ mode")
#: Name and password in an address.
USERINFO = re.compile(r"//[^/@\s]+@")
#: Parameters that say where a page begins.
CURSORS = ("starting_after", "ending_before")

#: What the SDK takes for our key, which `Bearer` sends.
PLACEHOLDER_KEY = "sk_placeholder"

#: Bytes read at once, at most.
CHUNK = 65536

logger = logging.getLogger(__name__)

#: When the calls that are under way must be over, on `clock`; None for no limit.
_deadline: ContextVar[float | None] = ContextVar("pinax_stripe_deadline", default=None)
#: Seconds a call may take; None for PINAX_STRIPE_API_TIMEOUT.
_patience: ContextVar[float | None] = ContextVar("pinax_stripe_patience", default=None)
#: Answers that are kept from earlier attempts, and those that are read now; None for none.
_kept: ContextVar["dict[str, Fetched] | None"] = ContextVar("pinax_stripe_kept", default=None)
_pace: ContextVar["Pace | None"] = ContextVar("pinax_stripe_pace", default=None)
_calling: ContextVar[bool] = ContextVar("pinax_stripe_calling", default=False)
_clients: dict[tuple[Any, ...], stripe.StripeClient] = {}
_lock = threading.Lock()

Answer = TypeVar("Answer")


class NotOurCalls(logging.Filter):
    """Keeps the SDK's log messages about our calls out of the logs: they have whole answers, with personal data and
    secrets.

    `pinax.stripe.api` logs the calls instead. Other calls with the SDK are logged as usual.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or not _calling.get()


logging.getLogger("stripe").addFilter(NotOurCalls())


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An object as Stripe answered it, and when that was true."""

    data: dict[str, Any]
    #: Epoch seconds on Stripe's clock: read at or after `earliest`, at or before `latest`; None when unknown.
    earliest: int | None
    latest: int | None


def clock() -> float:
    """Seconds of a clock that only goes forward."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """All calls inside must be over after so many seconds together; budgets nest, and the tightest one counts."""
    deadline = clock() + seconds
    outer = _deadline.get()
    token = _deadline.set(deadline if outer is None else min(outer, deadline))
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float:
    """Seconds that are left for calls."""
    deadline = _deadline.get()
    return float("inf") if deadline is None else deadline - clock()


@contextmanager
def patient() -> Iterator[None]:
    """A call inside may take PINAX_STRIPE_SWEEPER_API_TIMEOUT: Stripe does not wait for an answer."""
    token = _patience.set(max(setting("SWEEPER_API_TIMEOUT"), setting("API_TIMEOUT")))
    try:
        yield
    finally:
        _patience.reset(token)


@contextmanager
def keeping(answers: "dict[str, Fetched]") -> Iterator[None]:
    """What is read inside is put into `answers`, and what is there already is not read again.

    A list that changed so that its pages do not fit together any more empties `answers`, and so does an answer that is
    not what was asked for: it would be taken for Stripe's in each further attempt.
    """
    token = _kept.set(answers)
    try:
        yield
    except (ListChanged, UnusableAnswer):
        answers.clear()
        raise
    finally:
        _kept.reset(token)


class Pace:
    """Spaces calls so that there are never more than `rate` in a second."""

    def __init__(self, rate: float) -> None:
        self.interval = 1 / rate
        self.next = clock()

    def delay(self) -> float:
        """Seconds until the next call may be made."""
        return self.next - clock()

    def wait(self) -> None:
        """Wait until the next call may be made, and count it."""
        delay = self.delay()
        if delay > 0:
            sleep(delay)
        self.next = max(self.next, clock()) + self.interval


def take_turn() -> None:
    """Wait until the pace allows a call, if there is one."""
    pace = _pace.get()
    if pace is not None:
        pace.wait()


@contextmanager
def paced(rate: float) -> Iterator[None]:
    """Calls inside are spaced to at most `rate` a second."""
    token = _pace.set(Pace(rate))
    try:
        yield
    finally:
        _pace.reset(token)


class Bearer(requests.auth.AuthBase):
    """Sends our key with a request, whatever `netrc` or the address have; no local variable of the SDK's holds it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Transport(stripe.HTTPClient):
    """Sends requests with a deadline for the whole answer; the SDK's own clients limit only the wait for each part."""

    name = "pinax-stripe"

    def __init__(self, key: str) -> None:
        super().__init__()
        self._auth = Bearer(key)
        #: Those that no call uses now, with their open connections; safe for threads.
        self._sessions: deque[requests.Session] = deque()

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **usage: Any
    ) -> tuple[Any, int, Any]:
        """Body, status and headers of the answer; stripe.APIConnectionError without a whole one in time.

        Some versions of the SDK add what only their telemetry is interested in.
        """
        try:
            return in_time(lambda: self.send(method, url, headers, post_data))
        except stripe.StripeError:
            raise
        except requests.RequestException as error:
            raise stripe.APIConnectionError(f"{type(error).__name__}: {error}", should_retry=True) from None
        except Exception as error:
            # Without its text and its traceback, in which our key may be.
            raise stripe.APIConnectionError(f"The request could not be sent: {type(error).__name__}") from None

    def send(self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any) -> tuple[str, int, Any]:
        """The same in this thread; the time-out is for each part of the answer."""
        with (
            self.session() as session,
            session.request(
                method,
                url,
                headers=headers,
                data=post_data,
                auth=self._auth,
                proxies=proxies_for(url),
                timeout=positive(remaining()),
                verify=stripe.ca_bundle_path,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            return checked(body_text(body_in_time(response)), response), response.status_code, response.headers

    @contextmanager
    def session(self) -> Iterator[requests.Session]:
        """A session that no other thread uses meanwhile."""
        try:
            session = self._sessions.pop()
        except IndexError:
            session = requests.Session()
            session.trust_env = False  # Of the environment only `proxies_for` takes anything.
        try:
            yield session
        finally:
            self._sessions.append(session)

    def close(self) -> None:
        while self._sessions:
            self._sessions.pop().close()


def proxies_for(url: str) -> dict[str, str]:
    """The environment's proxies (HTTPS_PROXY, NO_PROXY) for https, which they cannot read; {} for plain http."""
    return requests.utils.get_environ_proxies(url) if url.lower().startswith("https:") else {}


def in_time(send: Callable[[], Answer]) -> Answer:
    """What a function returns or raises; requests.ReadTimeout when it is not done before the deadline.

    It runs in a thread of its own, which is left to itself when time is up. A socket's time-out is not enough: name
    lookup has none, each address of a host gets the whole of it, and slow headers never exceed it.
    """
    limit = positive(remaining())
    if limit is None:
        return send()
    answer: futures.Future[Answer] = futures.Future()
    context = copy_context()

    def run() -> None:
        try:
            answer.set_result(context.run(send))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="pinax-stripe-call", daemon=True).start()
    if not futures.wait([answer], timeout=limit).done:
        raise requests.ReadTimeout("no whole answer in time")
    return answer.result()


def body_in_time(response: requests.Response) -> bytes:
    """The whole body; requests.ReadTimeout when it is not there before the deadline, however steadily it drips."""
    body = bytearray()
    read = getattr(response.raw, "read1", response.raw.read)
    try:
        while chunk := read(CHUNK, decode_content=True):
            body += chunk
            positive(remaining())
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise requests.ConnectionError(error) from error
    return bytes(body)


def body_text(body: bytes) -> str:
    """The answer as text; stripe.APIError for what is none: the SDK would fail with a bare UnicodeDecodeError."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise stripe.APIError(f"Stripe's answer is not UTF-8: {error.reason}") from error


def checked(text: str, response: requests.Response) -> str:
    """The text of an answer; stripe.APIError for a refusal that is not of Stripe's form (a gateway's, a login page).

    The SDK reads what it finds under `error` as a hash, and fails with a bare AttributeError where it is none.
    """
    if 200 <= response.status_code < 300 or is_refusal(text):
        return text
    raise stripe.APIError(
        f"An answer with status {response.status_code} that is not of Stripe's form: {text}",
        http_body=text,
        http_status=response.status_code,
        headers=dict(response.headers),
    )


def is_refusal(text: str) -> bool:
    """Whether an answer has the form of Stripe's errors: https://docs.stripe.com/api/errors."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    error = answer.get("error") if isinstance(answer, dict) else None
    return isinstance(error, dict) and isinstance(error.get("message", ""), str)


def positive(seconds: float) -> float | None:
    """A time-out for `requests`; None for no limit, requests.ReadTimeout when nothing is left."""
    if seconds <= 0:
        raise requests.ReadTimeout("the time for calls to Stripe is used up")
    return None if seconds == float("inf") else seconds


def client() -> stripe.StripeClient:
    """The client of this process for the current settings; TemporaryStripeError without a key."""
    key = secret_key()
    if not key:
        raise TemporaryStripeError(Detail("no_key"), code="no_key")
    if not is_sendable(key):
        raise TemporaryStripeError(Detail("unusable_key"), code="key_refused")
    # A forked worker must not share its parent's connections, hence the process id.
    identity = (os.getpid(), key, setting("API_BASE"), version())
    with _lock:
        if identity not in _clients:
            _clients.clear()
            _clients[identity] = stripe.StripeClient(
                PLACEHOLDER_KEY,
                base_addresses={"api": setting("API_BASE").rstrip("/")},
                stripe_version=version() or None,
                max_network_retries=0,
                http_client=Transport(key),
            )
        return _clients[identity]


def get(
    path: str,
    params: dict[str, Any] | None = None,
    *,
    account: str = "",
    context: str = "",
    api_version: str | None = None,
) -> Fetched:
    """GET a path of the API (ids in it quoted by the caller), for a connected account if one is given.

    `api_version` is the version of the answer: None for that of our own calls; "", or what is no version, for
    PINAX_STRIPE_API_VERSION, else the account's default (https://docs.stripe.com/api/versioning). A version that Stripe
    refuses costs a second call, in the version of our own calls.
    """
    kept = _kept.get()
    request = json.dumps([path, params or {}, account, context, api_version], sort_keys=True)
    if kept is not None and request in kept:
        return kept[request]
    options = {"stripe_account": account, "stripe_context": context}
    fetched = read(path, params, options, api_version)
    if kept is not None:
        kept[request] = fetched
    return fetched


def read(path: str, params: dict[str, Any] | None, options: dict[str, str], api_version: str | None) -> Fetched:
    """GET a path in a version of the API."""
    if api_version is None:
        return call("get", path, params, **options)
    try:
        return call("get", path, params, **options, stripe_version=rendering(api_version))
    except FinalStripeError as error:
        if error.code != "request_refused" or error.status != 400:
            raise
        logger.warning("refused version=%s path=%s", api_version, path)
        return call("get", path, params, **options)


def rendering(api_version: str) -> str:
    """The version to ask for, so that an answer has the shape of what was rendered in one; "" for the account's."""
    return api_version if VERSION.fullmatch(api_version) else setting("API_VERSION") or ""


def post(
    path: str, params: dict[str, Any] | None = None, *, account: str = "", idempotency_key: str = ""
) -> dict[str, Any]:
    """Create or change something at Stripe; the object as it is then.

    All attempts of one call share an Idempotency-Key, a fresh one by default: Stripe carries it out once.
    """
    key = idempotency_key or str(uuid.uuid4())
    return call("post", path, params, stripe_account=account, idempotency_key=key).data


def delete(path: str, *, account: str = "") -> dict[str, Any]:
    """Delete something at Stripe; returns what is left of it. ObjectNotFound if it does not exist any more."""
    return call("delete", path, None, stripe_account=account).data


def call(method: str, path: str, params: dict[str, Any] | None, **options: str) -> Fetched:
    """Make a request, again if that makes sense, within PINAX_STRIPE_API_TIMEOUT (or what `patient` allows).

    Waiting for the pace does not count: a slow pace would leave no time for the call itself.
    """
    # An empty version is one, too: the SDK then sends none, and Stripe takes the account's.
    given = {name: value for name, value in options.items() if value or name == "stripe_version"}
    take_turn()
    with budget(_patience.get() or setting("API_TIMEOUT")):
        for attempt in range(setting("API_RETRIES") + 1):
            started = time.time()
            try:
                return call_once(method, path, {**(params or {}), **given})
            except stripe.StripeError as error:
                if may_retry(error) and attempt < setting("API_RETRIES") and wait_before_retry(attempt):
                    continue
                refusal = dated(sorted_error(error, path, params), error, started)
                logger.info("failed method=%s path=%s code=%s status=%s", method, path, refusal.code, refusal.status)
                raise refusal from None
    raise AssertionError("unreachable")  # pragma: no cover


def call_once(method: str, path: str, options: dict[str, Any]) -> Fetched:
    """One request."""
    started = time.time()
    token = _calling.set(True)
    try:
        response = client().raw_request(method, path, **options)
    finally:
        _calling.reset(token)
    logger.debug("called method=%s path=%s status=%s", method, path, response.code)
    if not isinstance(response.data, dict) or ("error" in response.data and "object" not in response.data):
        raise UnusableAnswer(Detail("answer_is_no_object"), code="api_error")
    earliest, latest = reading_time(response.headers, started, time.time())
    return Fetched(data=plain(response.data), earliest=earliest, latest=latest)


def plain(value: Any) -> Any:
    """JSON as Python's own dicts, lists and values, as Stripe sends it, out of what the SDK makes of it.

    Its objects are dicts until version 14 and of a class of their own since; decimals are texts in Stripe's JSON.
    TypeError for what is no JSON.
    """
    if isinstance(value, dict):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, stripe.StripeObject):
        return plain(value.to_dict())
    raise TypeError(f"{type(value).__name__} is nothing that Stripe's JSON has.")


def may_retry(error: stripe.StripeError) -> bool:
    """Whether Stripe's answer, or a missing one, says that trying again at once makes sense."""
    wish = (getattr(error, "headers", None) or {}).get("Stripe-Should-Retry", "").lower()
    if wish in ("true", "false"):
        return wish == "true"
    if isinstance(error, stripe.APIConnectionError):
        return True
    status = error.http_status or 0
    return status == 409 or status >= 500


def wait_before_retry(attempt: int) -> bool:
    """Wait before the next attempt, for a random time; False when no time is left for it."""
    delay = 0.1 * 2**attempt * random.uniform(1, 1.5)  # noqa: S311  spreads load, guards nothing
    pace = _pace.get()
    if max(delay, pace.delay() if pace is not None else 0) >= remaining():
        return False
    sleep(delay)
    take_turn()
    return True


def reading_time(headers: Any, started: float, ended: float) -> tuple[int | None, int | None]:
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


def sorted_error(error: stripe.StripeError, path: str = "", params: Mapping[str, Any] | None = None) -> StripeError:
    """Our error for one of the SDK's, to a request for a path with parameters."""
    status = error.http_status
    message = without_keys(error.user_message or str(error))
    if isinstance(error, stripe.AuthenticationError):
        return TemporaryStripeError(Detail("key_was_refused", {"message": message}), code="key_refused", status=status)
    if isinstance(error, stripe.PermissionError):
        if is_about_account(error):
            return AccountInaccessible(message, code="no_access", status=status)
        return AccessDenied(message, code="no_permission", status=status)
    if isinstance(error, stripe.RateLimitError):
        return TemporaryStripeError(message, code="rate_limited", status=status)
    if isinstance(error, stripe.InvalidRequestError):
        return refusal_of(error, message, path, params)
    if isinstance(error, stripe.APIConnectionError):
        return TemporaryStripeError(Detail("no_answer", {"message": message}), code="no_answer", status=status)
    if status == 404:
        return unexpected_404(message)
    return TemporaryStripeError(Detail("stripe_failed", {"message": message}), code="api_error", status=status)


def is_about_account(error: stripe.PermissionError) -> bool:
    """Whether a 403 is Stripe's word on the account: that there is none, or none that the key has access to.

    A restricted key that lacks a permission gets a 403 as well, which names the account, too, and says nothing of it.
    The SDK does not copy the code of a 403 (https://docs.stripe.com/error-codes#account-invalid).
    """
    body = error.json_body if isinstance(error.json_body, dict) else {}
    details = body.get("error")
    if not isinstance(details, dict):
        return False
    return details.get("code") == "account_invalid" or "does not have access to account" in str(details.get("message"))


def refusal_of(
    error: stripe.InvalidRequestError, message: str, path: str, params: Mapping[str, Any] | None
) -> StripeError:
    """Our error for a 400 or 404: the object does not exist only if Stripe says so of an id that was asked for.

    A 404 can also mean that the address is wrong, or that another server answered; then it says nothing about the
    object.
    """
    status = error.http_status
    body: Any = error.json_body or {}
    details = body.get("error") or {}
    is_missing = says_missing(details, path)
    if is_missing and details.get("param") in CURSORS:
        return ListChanged(Detail("list_changed", {"message": message}), code="api_error", status=status)
    if is_missing and OTHER_MODE_HINT.search(error.user_message or ""):
        return TemporaryStripeError(message, code="key_of_other_mode", status=status)
    if is_missing and any(names(error.user_message or "", each) for each in asked_for(path, params)):
        return ObjectNotFound(message, code="not_found", status=status)
    return (
        unexpected_404(message) if status == 404 else FinalStripeError(message, code="request_refused", status=status)
    )


def says_missing(details: dict[str, Any], path: str) -> bool:
    """Whether an error says that there is no such object, as Stripe says it at this path."""
    if details.get("code") == MISSING:
        return details.get("type", REFUSED) == REFUSED
    return details.get("code") == MISSING_V2 and path.startswith("/v2/")


def unexpected_404(message: str) -> TemporaryStripeError:
    """The error for a 404 that says nothing of an object."""
    return TemporaryStripeError(Detail("unexpected_404", {"message": message}), code="unexpected_404", status=404)


def asked_for(path: str, params: Mapping[str, Any] | None) -> set[str]:
    """The ids that a request is about: those in its path and in its filters, but not where a page begins."""
    segments = {urllib.parse.unquote(segment) for segment in path.split("/")}
    filters = {value for name, value in (params or {}).items() if name not in CURSORS and isinstance(value, str)}
    return (segments | filters) - {""}


def names(message: str, stripe_id: str) -> bool:
    """Whether Stripe's message is about an id: "No such customer: 'cus_1'", until about 2020 without the quotes."""
    return f"'{stripe_id}'" in message or re.search(rf": {re.escape(stripe_id)}(;|$)", message) is not None


def dated(error: StripeError, answer: stripe.StripeError, started: float) -> StripeError:
    """The error, which knows when an object was not there."""
    if isinstance(error, ObjectNotFound):
        error.earliest, error.latest = reading_time(answer.headers or {}, started, time.time())
    return error


def without_keys(message: str) -> str:
    """The message without our key and the password of a proxy, and not longer than a line of a log should be."""
    key = secret_key()
    message = USERINFO.sub("//…@", message)
    return (message.replace(key, "…" + key[-4:]) if key else message)[:500]


def quoted(stripe_id: str) -> str:
    """An id made safe for a path."""
    return urllib.parse.quote(stripe_id, safe="")


def version() -> str:
    """The API version that our calls ask for: PINAX_STRIPE_API_VERSION, else the one the SDK was made for."""
    return setting("API_VERSION") or PINNED


def retrieve_event(stripe_id: str, *, account: str = "") -> dict[str, Any]:
    """The snapshot event Stripe has under this id. `data` is in the event's own version, whatever we ask for."""
    return get(f"/v1/events/{quoted(stripe_id)}", account=account).data


def retrieve_thin_event(stripe_id: str, *, context: str = "") -> dict[str, Any]:
    """The thin event (`v2.core.event`) Stripe has under this id."""
    return get(f"/v2/core/events/{quoted(stripe_id)}", context=context).data


def retrieve(path: str, *, account: str = "", api_version: str | None = None) -> Fetched:
    """The current object at a path, in an API version (see `get`)."""
    return get(path, account=account, api_version=api_version)


def iterate(path: str, params: dict[str, Any] | None = None, *, account: str = "") -> Iterator[dict[str, Any]]:
    """All objects of a list, page by page, in Stripe's order."""
    for page in pages(path, params, account=account):
        yield from page.data.get("data") or []


def pages(
    path: str, params: dict[str, Any] | None = None, *, account: str = "", api_version: str | None = None
) -> Iterator[Fetched]:
    """The pages of a list, each as Stripe answered it, in an API version (see `get`).

    TemporaryStripeError if it goes round in a circle.
    """
    params = {"limit": PAGE, **(params or {})}
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
