"""A Stripe of your own: a real HTTP server on 127.0.0.1 that keeps objects and events in memory.

It answers reads as Stripe does, takes webhook endpoints, delivers signed webhooks, and fails in the ways that a test
asks for. It is not a billing engine: what happens to objects is what the test says.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from ...catalogue.objects import object_type as row_of
from ...stripe_values import JsonObject
from ..builders import changes as rules
from ..builders.copies import copied_json
from ..builders.events import API_VERSION, build_event
from ..builders.ids import storage_key
from ..builders.lists import cut_lists, with_list_objects
from ..builders.objects import build_object
from ..delivery import (
    Acknowledgements,
    Order,
    body_of,
    check_loopback,
    deliveries_in_order,
    headers_of,
    is_never_delivered,
    send,
)
from ..post import post_event
from .expansion import as_shown
from .faults import Fault, Faults
from .reads import PLATFORM, answer_read, newest_first
from .refusals import ApiError
from .server import Reply, Request, Server
from .versions import as_of_today, in_version, older_attributes
from .writes import answer_write


class AccountObjects:
    """The objects of one account of a FakeStripe, to look things up in."""

    def __init__(self, stripe: "FakeStripe", account: str | None) -> None:
        self.stripe, self.account = stripe, account

    def find(self, stripe_id: Any) -> JsonObject:
        """The object of an id; {} for none, and for one that was deleted."""
        try:
            data = self.stripe.get(stripe_id, account=self.account)
        except KeyError:
            return {}
        return {} if data.get("deleted") else data

    def all(self, object_type: str, **attributes: Any) -> list[JsonObject]:
        """The objects of a type with those attributes, newest first."""
        rows = self.stripe.objects(object_type, account=self.account)
        return [row for row in rows if attributes.items() <= row.items()]


def is_kept(data: JsonObject) -> bool:
    """Whether an object can be read: not the preview of one, which has no id."""
    return bool(data.get("id") or ("object" in data and not row_of(data["object"]).has_id))


class FakeStripe:
    """`with FakeStripe() as stripe, override_settings(**stripe.settings):` …

    Wherever there is an `account`, it is the connected account that something belongs to; None (or "") is the platform.
    What methods return are copies; `events` and `requests` are the real lists.
    """

    def __init__(self, *, port: int = 0) -> None:
        #: Of 127.0.0.1; 0 for one that is free.
        self.port = port
        #: All events, oldest first.
        self.events: list[JsonObject] = []
        #: All requests that were received.
        self.requests: list[Request] = []
        #: Connected accounts that have no object or event yet; those that have one need not be named.
        self.connected_accounts: set[str] = set()
        #: Accounts that took the platform's access away.
        self.revoked_accounts: set[str] = set()
        #: Keys that are accepted; None for all that look like one.
        self.keys: set[str] | None = None
        #: The account's API version: that of its events, and of answers to requests that name none. Answers to others
        #: come in the version they name; what moved between versions is shown where it was.
        self.api_version = API_VERSION
        #: Webhook endpoints: address -> secret, None for unsigned deliveries. Events made from now on wait for each.
        self.endpoints: dict[str, str | None] = {}
        #: What is never delivered: ids of events, types, or beginnings of types (`invoice.*`).
        self.lost: set[str] = set()
        #: Where the clock stands, in epoch seconds; None for the real time.
        self.now_offset: int | None = None
        #: Idempotency-Key -> the request that came with it first, and its answer.
        self.replies: dict[str, tuple[Request, JsonObject]] = {}
        self._objects: dict[tuple[str, str], JsonObject] = {}
        #: What added events say of objects in the shapes of older versions.
        self._said: dict[tuple[str, str], JsonObject] = {}
        self._accounts: dict[str, str] = {}
        #: Accounts that have something, as far as they were asked for.
        self._owners = {""}
        self._acknowledgements = Acknowledgements()
        self._faults = Faults()
        self._lock = threading.RLock()
        self._server: Server | None = None

    # Life

    def start(self) -> "FakeStripe":
        """Start to answer."""
        if self._server is None:
            self._server = Server(self.respond, self.port)
        return self

    def stop(self) -> None:
        """Close every connection and stop; what is in memory stays."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def __enter__(self) -> "FakeStripe":
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base of its addresses."""
        if self._server is None:
            raise RuntimeError("This FakeStripe is not started: use it in a `with` block, or call start().")
        return self._server.url

    @property
    def settings(self) -> JsonObject:
        """The settings that point a project to it: `override_settings(**stripe.settings)`, or pytest's fixture.

        Events are processed in the request, unsigned, whatever the project's own settings say. API calls may take ten
        seconds, so that no test fails because the machine is busy.
        """
        return {
            "PINAX_STRIPE_API_BASE": self.url,
            "PINAX_STRIPE_SECRET_KEY": "sk_test_fake",
            "PINAX_STRIPE_WEBHOOK_SECRETS": [],
            "PINAX_STRIPE_VALIDATION": "refetch",
            "PINAX_STRIPE_DISPATCH": "pinax.stripe.webhooks.processing.process",
            "PINAX_STRIPE_API_TIMEOUT": 10,
            "PINAX_STRIPE_REQUEST_BUDGET": 30,
        }

    # The clock

    @property
    def now(self) -> int:
        """The clock, in epoch seconds: the real time until it is set or advanced, then it stands still."""
        return int(time.time()) if self.now_offset is None else self.now_offset

    @now.setter
    def now(self, value: int) -> None:
        self.now_offset = value

    def advance(self, seconds: int) -> int:
        """Let the clock go on, and stand still then; 0 stops it in the present second."""
        self.now = self.now + seconds
        return self.now

    # Objects and events

    def create(
        self, object_type: str, *, account: str | None = None, silent: bool = False, **fields: Any
    ) -> JsonObject:
        """Store a new object and, unless `silent`, the events that tell of it.

        With a dispute, its charge is disputed; a discount is its subscription's or customer's, and once more its coupon
        was redeemed; a charge uses up a source of `single_use`. Of that there are no events.
        """
        if "account" in row_of(object_type).parents:
            fields["account"] = account or PLATFORM
        created = {"created": self.now} if row_of(object_type).has_id else {}
        data = build_object(object_type, **as_of_today(object_type, {**created, **fields}))
        with self._lock:
            self._objects[account or "", storage_key(data)] = data
            for moved_id, changes in rules.changes_of_creation(data, AccountObjects(self, account)):
                self.update(moved_id, account=account, silent=True, **changes)
            if object_type == "discount":
                self._give_discount(data, account)
            for event_type in [] if silent else rules.types_of_creation(data):
                self.emit(event_type, data, account=account)
        return copied_json(data)

    def update(
        self,
        stripe_id: str,
        *,
        account: str | None = None,
        type: str | None = None,
        silent: bool = False,
        **changes: Any,
    ) -> JsonObject:
        """Set attributes of an object and, unless `silent`, tell of it by the events that Stripe makes of it.

        `type` is the one event type to use instead (the attribute of that name never changes in an object). With an
        invoice that is paid or void, its open payments are canceled, of which there is no event.
        """
        with self._lock:
            before = self._objects[account or "", stripe_id]
            changes = as_of_today(before["object"], copied_json(changes))
            after = with_list_objects({**copied_json(before), **changes})
            shown = self.rendered(before, account=account)
            self._objects[account or "", stripe_id] = after
            previous = rules.previous_attributes(before, after)
            if after["object"] == "discount":
                self._show_discount(after, account)
            if rules.cancels_payments(after, previous):
                for payment in AccountObjects(self, account).all("invoice_payment", invoice=stripe_id, status="open"):
                    self.update(payment["id"], account=account, silent=True, status="canceled")
            types = rules.types_of_update(after, previous) if type is None else [type]
            for name in [] if silent else types:
                told = rules.previous_attributes(shown, self.rendered(after, account=account))
                self.emit(name, after, account=account, previous_attributes=told)
        return copied_json(after)

    def delete(self, stripe_id: str, *, account: str | None = None, silent: bool = False) -> JsonObject:
        """Delete an object and, unless `silent`, tell of it.

        A subscription ends and a payment method is detached instead, as at Stripe. With a customer its subscriptions
        end, and each has an event of that.
        """
        with self._lock:
            data = self._objects[account or "", stripe_id]
            if data["object"] == "payment_method":
                return self.detach(stripe_id, account=account, silent=silent)
            if data["object"] == "customer":
                for subscription in AccountObjects(self, account).all("subscription", customer=stripe_id):
                    if subscription["status"] not in row_of("subscription").ended_statuses:
                        self.delete(subscription["id"], account=account, silent=silent)
            status = row_of(data["object"]).status_after_deletion
            if status:
                ended: JsonObject = {
                    "status": status,
                    "canceled_at": data.get("canceled_at") or self.now,
                    "ended_at": self.now,
                }
                left = data = self.update(stripe_id, account=account, silent=True, **ended)
            else:
                left = {"id": stripe_id, "object": data["object"], "deleted": True}
                self._objects[account or "", stripe_id] = dict(left)
            if data["object"] == "discount":
                self._show_discount(data, account, is_there=False)
            for event_type in [] if silent else rules.types_of_deletion(data):
                self.emit(event_type, data, account=account, keep=False)
        return left

    def _give_discount(self, discount: JsonObject, account: str | None) -> None:
        """Show a new discount where it is given, and redeem its coupon."""
        self._show_discount(discount, account)
        found = AccountObjects(self, account).find((discount.get("source") or {}).get("coupon"))
        if found:
            self.update(found["id"], account=account, silent=True, times_redeemed=found["times_redeemed"] + 1)

    def _show_discount(self, discount: JsonObject, account: str | None, *, is_there: bool = True) -> None:
        """Show in its subscription, or else its customer, that a discount is there or gone."""
        owner = AccountObjects(self, account).find(discount.get("subscription") or discount.get("customer"))
        if owner:
            changes = rules.owner_with_discount(discount, owner, is_there=is_there)
            self.update(owner["id"], account=account, silent=True, **changes)

    def detach(self, stripe_id: str, *, account: str | None = None, silent: bool = False) -> JsonObject:
        """Take a payment method from its customer, and from running subscriptions that it is the default of.

        A card that is a payment method, too, is deleted. The subscriptions and the card have no events of it.
        """
        with self._lock:
            found = AccountObjects(self, account)
            for subscription in found.all("subscription", default_payment_method=stripe_id):
                if subscription["status"] not in row_of("subscription").ended_statuses:
                    self.update(subscription["id"], account=account, silent=True, default_payment_method=None)
            data = found.find(stripe_id)
            if data.get("object") == "card":
                return self._detach_card(data, account, silent=silent)
            return self.update(stripe_id, account=account, type="payment_method.detached", silent=silent, customer=None)

    def _detach_card(self, card: JsonObject, account: str | None, *, silent: bool) -> JsonObject:
        """Delete a card; its event shows it as the payment method that it was, too."""
        kind = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
        method = build_object(
            "payment_method", id=card["id"], customer=None, type="card", card={name: card.get(name) for name in kind}
        )
        self.delete(card["id"], account=account, silent=True)
        if not silent:
            previous = {"customer": card["customer"]}
            self.emit("payment_method.detached", method, account=account, previous_attributes=previous, keep=False)
        return method

    def emit(
        self,
        type: str,
        object: JsonObject | str,
        *,
        account: str | None = None,
        previous_attributes: JsonObject | None = None,
        created: int | None = None,
        keep: bool = True,
    ) -> JsonObject:
        """Make an event of any type about an object (or the one of that id), which is kept as it is given.

        The event shows it in the shape that it has in the account's API version.
        """
        with self._lock:
            data = self._objects[account or "", object] if isinstance(object, str) else object
            if keep and is_kept(data):
                self._objects[account or "", storage_key(data)] = copied_json(data)
            event = build_event(
                rules.type_in_version(type, data, self.api_version),
                as_shown(self.rendered(data, account=account)),
                created=self.now if created is None else created,
                account=account or None,
                api_version=self.api_version,
                previous_attributes=cut_lists(previous_attributes),
                pending_webhooks=len(self.endpoints) or 1,
            )
            return self._keep(event, account or "")

    def add_event(self, event: JsonObject, *, account: str | None = None) -> JsonObject:
        """Keep an event, snapshot or thin, exactly as it is.

        What it says of its object in the shape of an older version is known from then on, for answers in that version.
        """
        carried = (event.get("data") or {}).get("object") or {}
        with self._lock:
            if carried.get("id"):
                self._said.setdefault((account or "", carried["id"]), {}).update(older_attributes(carried))
            return self._keep(event, account or "")

    def _keep(self, event: JsonObject, account: str) -> JsonObject:
        self.events.append(event)
        self._accounts[event["id"]] = account
        self._acknowledgements.expect(event["id"], self.endpoints)
        return copied_json(event)

    def rendered(
        self, data: JsonObject, *, account: str | None = None, api_version: str | None = None, whole: bool = False
    ) -> JsonObject:
        """An object as Stripe shows it in an API version, the account's by default.

        Long lists in it are cut, unless the `whole` object is asked for.
        """
        with self._lock:
            said = self._said.get((account or "", str(data.get("id"))))
            shown = in_version(data, api_version or self.api_version, AccountObjects(self, account), said)
            return shown if whole else cut_lists(shown)

    def get(self, stripe_id: str, *, account: str | None = None) -> JsonObject:
        """The current object in today's shape and whole; the stub of a deleted one; KeyError without any."""
        with self._lock:
            return copied_json(self._objects[account or "", stripe_id])

    def objects(self, object_type: str, *, account: str | None = None) -> list[JsonObject]:
        """All objects of a type that are not deleted, newest first."""
        return [copied_json(data) for data in self.kept_objects(object_type, account=account)]

    def kept_objects(self, object_type: str, *, account: str | None = None) -> list[JsonObject]:
        """The same, as they are kept, to be copied before a change. A page of many shows a few."""
        with self._lock:
            return newest_first(
                [
                    data
                    for (owner, _), data in self._objects.items()
                    if owner == (account or "") and data["object"] == object_type and not data.get("deleted")
                ]
            )

    def has_account(self, account: str) -> bool:
        """Whether an account is connected, or the platform itself (""): Stripe answers 403 for any other."""
        with self._lock:
            if account not in self._owners:
                self._owners = {"", *self._accounts.values(), *(owner for owner, _ in self._objects)}
            return account in self._owners or account in self.connected_accounts

    def account_events(self, account: str | None = None) -> list[JsonObject]:
        """The events of the platform or of one connected account, oldest first."""
        with self._lock:
            return [copied_json(event) for event in self.events if self._accounts.get(event["id"]) == (account or "")]

    def find_event(self, stripe_id: str, *, account: str | None = None) -> JsonObject | None:
        """The newest event of an id that the platform, or one connected account, can read."""
        with self._lock:
            for event in reversed(self.events):
                if event["id"] == stripe_id and self._accounts.get(stripe_id) == (account or ""):
                    return copied_json(event)
        return None

    # Misbehaving. A fault concerns the next `times` requests for paths that start with `path`; None is forever.

    def fail(
        self,
        path: str = "/v1/",
        status: int = 500,
        times: int | None = 1,
        *,
        body: str | bytes | JsonObject | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer with a status; with an error in Stripe's form unless there is a `body`.

        By default a 404 says that the object that the request is about does not exist.
        """
        self._faults.add(Fault(path=path, kind="fail", status=status, times=times, body=body, headers=headers or {}))

    def rate_limit(self, path: str = "/v1/", times: int | None = 1, *, should_retry: bool | None = None) -> None:
        """Answer 429, with Stripe-Should-Retry if it is said."""
        headers = {} if should_retry is None else {"Stripe-Should-Retry": str(should_retry).lower()}
        self.fail(path, 429, times, headers=headers)

    def drop(self, path: str = "/v1/", times: int | None = 1) -> None:
        """Close the connection without an answer."""
        self._faults.add(Fault(path=path, kind="drop", times=times))

    def half(self, path: str = "/v1/", times: int | None = 1) -> None:
        """Close the connection in the middle of the answer."""
        self._faults.add(Fault(path=path, kind="half", times=times))

    def slow(self, path: str = "/v1/", seconds: float = 1.0, times: int | None = 1) -> None:
        """Answer late."""
        self._faults.add(Fault(path=path, kind="slow", seconds=seconds, times=times))

    def clear_faults(self) -> None:
        """Behave again."""
        self._faults.clear()

    # What was asked

    def calls(self, path_prefix: str = "") -> int:
        """How many requests there were for paths that start so."""
        with self._lock:
            return sum(request.path.startswith(path_prefix) for request in self.requests)

    def reset_requests(self) -> None:
        """Forget what was asked."""
        with self._lock:
            self.requests.clear()

    # Delivering

    def undelivered(self, account: str | None = None) -> list[JsonObject]:
        """Events that an endpoint has not acknowledged, oldest first; of one account, if one is given."""
        with self._lock:
            return [
                copied_json(event)
                for event in self.events
                if not self.is_delivered(event["id"]) and account in (None, self._accounts.get(event["id"]))
            ]

    def is_delivered(self, event_id: str) -> bool:
        """Whether every endpoint answered a delivery of an event with a 2xx (the first to be tried, if none is set)."""
        with self._lock:
            return self._acknowledgements.is_complete(event_id)

    def deliver(
        self,
        url: str | None = None,
        events: Iterable[JsonObject] | None = None,
        *,
        secret: str | None = None,
        order: Order = "created",
        seed: int | None = None,
        copies: int = 1,
        account: str | None = None,
    ) -> list[tuple[str, int]]:
        """POST events (by default all undelivered ones) to a webhook on this machine, or to all of `endpoints`.

        Each is sent `copies` times; "random" is repeatable with a `seed`; what is `lost` is left out. Several endpoints
        get the same body, written before the first of them acknowledges; once there are `endpoints`, only their
        acknowledgements count. Returns the events' ids with the status of
        each answer, 0 where there was none.
        """
        targets = dict(self.endpoints) if url is None else {url: secret or self.endpoints.get(url)}
        if not targets:
            raise ValueError("There is no endpoint: give a url, or add one to `endpoints`.")
        for target in targets:
            check_loopback(target)

        def post(target: str, event: JsonObject) -> int:
            body = body_of(event)
            return send(target, body, headers_of(body, secret or targets[target]))

        return self._deliver(post, list(targets), events, order, seed, copies, account)

    def deliver_to(
        self,
        client: Any,
        events: Iterable[JsonObject] | None = None,
        *,
        url: str | None = None,
        secret: str | None = None,
        order: Order = "created",
        seed: int | None = None,
        copies: int = 1,
        account: str | None = None,
    ) -> list[tuple[str, int]]:
        """The same through a client of django.test, to this app's webhook unless there is a `url`."""

        def post(target: str, event: JsonObject) -> int:
            return int(post_event(client, event, secret=secret, url=target).status_code)

        return self._deliver(post, [url or ""], events, order, seed, copies, account)

    def _deliver(
        self,
        post: Callable[[str, JsonObject], int],
        targets: list[str],
        events: Iterable[JsonObject] | None,
        order: Order,
        seed: int | None,
        copies: int,
        account: str | None,
    ) -> list[tuple[str, int]]:
        with self._lock:
            chosen = self.undelivered(account) if events is None else list(events)
            wanted = {
                (event["id"], target)
                for event in chosen
                for target in targets
                if events is not None or self._is_open(event["id"], target)
            }
        outcome = []
        for event in deliveries_in_order(chosen, order, seed=seed, copies=copies):
            if is_never_delivered(event, self.lost):
                continue
            sent = copied_json(event)
            for target in targets:
                if (event["id"], target) not in wanted:
                    continue
                status = post(target, sent)
                if 200 <= status < 300:
                    self._acknowledge(event["id"], target)
                outcome.append((event["id"], status))
        return outcome

    def _is_open(self, event_id: str, target: str) -> bool:
        """Whether to send an undelivered event to a webhook: not to an endpoint that has it already."""
        return target not in self.endpoints or self._acknowledgements.awaits(event_id, target)

    def _acknowledge(self, event_id: str, endpoint: str = "") -> None:
        """Note that an endpoint has an event."""
        with self._lock:
            if not self._acknowledgements.acknowledge(event_id, endpoint):
                return
            for event in self.events:
                if event["id"] == event_id and event.get("pending_webhooks"):
                    event["pending_webhooks"] -= 1

    # Answering

    def respond(self, request: Request) -> Reply:
        """What the server does with a request."""
        with self._lock:
            self.requests.append(request)
            now = self.now
        fault = self._faults.take(request.path)
        if fault is not None and fault.kind == "drop":
            return Reply(drop=True)
        headers = {"Request-Id": f"req_{len(self.requests)}"}
        if fault is not None and fault.kind == "fail":
            return Reply(
                status=fault.status,
                body=fault.content(request.path, request.query),
                headers=headers | fault.headers,
                date=now,
            )
        status, content = self._answer(request)
        return Reply(
            status=status,
            body=content,
            headers=headers,
            date=now,
            delay=fault.seconds if fault is not None else 0.0,
            half=fault is not None and fault.kind == "half",
        )

    def _answer(self, request: Request) -> tuple[int, bytes]:
        try:
            with self._lock:
                data = answer_read(self, request) if request.method == "GET" else answer_write(self, request)
                return 200, json.dumps(data, indent=2).encode()
        except ApiError as error:
            return error.status, json.dumps(error.body, indent=2).encode()
        except Exception as error:  # The thread of a connection cannot raise to a caller.
            failure = {"type": "api_error", "message": f"FakeStripe failed: {error!r}"}
            return 500, json.dumps({"error": failure}).encode()
