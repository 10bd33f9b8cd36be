"""Errors that the layers of pinax.stripe raise to each other and to projects, and two that receivers raise."""

from .catalogue.details import DetailOrText

#: Seconds that Stripe keeps an event, and that a receiver may wait.
LONGEST_WAIT_SECONDS = 30 * 24 * 60 * 60


class PinaxStripeError(Exception):
    """Base of every error of this package."""


class RetryLater(PinaxStripeError):
    """Raised by a receiver that cannot do its work yet, because a customer's row has not come, for example.

    What the receiver wrote is rolled back, and the receiver is called again after `seconds` (greater than 0; a receiver
    waits 30 days at most, which is how long Stripe keeps an event). This is not a failure: no
    EventProcessingException is written, and the other receivers are called as usual. `reason` is for the timeline.
    ValueError for seconds that are not a number greater than 0.
    """

    def __init__(self, seconds: float, reason: str = "") -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
            raise ValueError(f"RetryLater needs a number of seconds greater than 0, not {seconds!r}.")
        self.seconds = min(seconds, LONGEST_WAIT_SECONDS)
        self.reason = str(reason)
        super().__init__(f"in {seconds:g} seconds" + (f": {self.reason}" if self.reason else ""))


class Ignore(PinaxStripeError):
    """Raised by a receiver that has nothing to do with an event, and never will: it counts as done.

    What the receiver wrote is rolled back. `reason` is for the timeline.
    """

    def __init__(self, reason: str = "") -> None:
        self.reason = str(reason)
        super().__init__(self.reason)


class ExplainedError(PinaxStripeError):
    """An error with a reason code (see `pinax.stripe.catalogue.reasons`) and what is said beside it.

    `explanation` is a `Detail`, or the words of Stripe or an exception; `str()` has it in English.
    """

    def __init__(self, message: DetailOrText, *, code: str) -> None:
        super().__init__(str(message))
        self.explanation = message
        self.code = code


class StripeError(ExplainedError):
    """Stripe answered with an error, or not at all. `status` is the HTTP status or None."""

    def __init__(self, message: DetailOrText, *, code: str, status: int | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status


class TemporaryStripeError(StripeError):
    """Trying again later may succeed: time-outs, 429, 5xx, and what has to be fixed in the project first.

    That is a bad or missing key, a key of the other mode, and an address where something other than Stripe answers.
    """


class ListChanged(TemporaryStripeError):
    """A page begins after an object that is gone: the list has to be read from its beginning again."""


class UnusableAnswer(TemporaryStripeError):
    """A 200 answer that is not what was asked for: no object, another object, no list, or pages without an end.

    Nothing that was read with it is kept for the next attempt.
    """


class FinalStripeError(StripeError):
    """The same call will be refused again: the object is unknown, or the key has no access to it."""


class ObjectNotFound(FinalStripeError):
    """Stripe says of the object we asked for that there is none, in our key's mode and the account we asked in.

    It is an error of Stripe's form, with code `resource_missing` (of v2 also `not_found`), that names the id. Any other
    404 is a `TemporaryStripeError`. `earliest` and `latest` say when that was so, in epoch seconds on Stripe's clock;
    None when that is unknown.
    """

    earliest: int | None = None
    latest: int | None = None


class AccessDenied(FinalStripeError):
    """403: the key lacks a permission."""


class AccountInaccessible(AccessDenied):
    """403: the connected account that was asked for does not exist, or the key has no access to it (any more).

    `is_repeated` says that the answer was given to another question about the same account.
    """

    is_repeated = False


class AlreadyRegistered(PinaxStripeError):
    """A second handler class was registered for an event type without `replace=True`."""


class SignatureError(ExplainedError):
    """A `Stripe-Signature` header does not confirm the body; `code` says why."""


class NeedsFetch(PinaxStripeError):
    """A snapshot and a mirrored row are of the same second and differ; only Stripe can tell which is current.

    Raised inside the mirror transaction, which rolls back; the pipeline fetches the object and runs it again. `version`
    is that of the row, `stripe_id` what names the object among those of its `object_type`, `api_version` the version in
    which the snapshot was rendered ("" when unknown). `is_optional` says that the event is processed even if Stripe
    refuses to show the object.
    """

    def __init__(
        self,
        *,
        key: str,
        version: int,
        stripe_id: str,
        path: str,
        account: str,
        api_version: str = "",
        object_type: str = "",
        is_optional: bool = False,
    ) -> None:
        super().__init__(f"{key} has two versions of the same second; fetch {path}")
        self.key = key
        self.version = version
        self.stripe_id = stripe_id
        self.path = path
        self.account = account
        self.api_version = api_version
        self.object_type = object_type
        self.is_optional = is_optional


class UnusableObject(PinaxStripeError, ValueError):
    """What a project gave is no object of Stripe's that has a row in the mirror, or not in that table."""


class InTransaction(PinaxStripeError):
    """A call to Stripe's API was asked for inside a database transaction, which it would hold open."""


class Secret(str):
    """A text whose `repr` shows only its end: pages and mails about errors show the local variables."""

    def __repr__(self) -> str:
        return f"'…{self[-4:]}'" if len(self) > 8 else "'…'"
