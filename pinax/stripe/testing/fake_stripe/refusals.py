"""What a FakeStripe refuses, in Stripe's words (https://docs.stripe.com/api/errors): keys, versions, ids, addresses."""

import re
from typing import Any, NoReturn, Protocol

from .server import Request

#: A date, since 2024 with a name, and previews behind it.
API_VERSIONS = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?(; .+)?")


class ApiError(Exception):
    """A refusal in Stripe's form."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        details = {"code": code, "message": message, "param": param, "type": type}
        self.body: dict[str, Any] = {"error": {name: value for name, value in details.items() if value is not None}}


class KeyHolders(Protocol):
    """Which keys and accounts there are."""

    keys: set[str] | None
    revoked_accounts: set[str]

    def has_account(self, account: str) -> bool: ...  # pragma: no cover


def check_api_version(api_version: str) -> None:
    """Refuse what is no version (https://docs.stripe.com/api/versioning); none is the account's."""
    if api_version and not API_VERSIONS.fullmatch(api_version):
        raise ApiError(400, f"Invalid Stripe API version: {api_version}")


def check_access(stripe: KeyHolders, request: Request, account: str) -> bool | None:
    """The mode that a request's key is for, None if it does not tell; ApiError if the key is not good for it."""
    key = re.sub(r"^(Bearer|Basic) ", "", request.headers.get("authorization", "")).strip()
    if not key:
        raise ApiError(401, "You did not provide an API key.")
    if not key.startswith(("sk_", "rk_")) or (stripe.keys is not None and key not in stripe.keys):
        raise ApiError(401, f"Invalid API Key provided: {masked_key(key)}")
    if account in stripe.revoked_accounts or not stripe.has_account(account):
        raise ApiError(
            403,
            f"The provided key '{masked_key(key)}' does not have access to account '{account}' (or that account does "
            "not exist). Application access may have been revoked.",
            code="account_invalid",
        )
    mode = re.match("[sr]k_(live|test)_", key)
    return None if mode is None else mode[1] == "live"


def masked_key(key: str) -> str:
    """A key as Stripe's messages show it: its kind and its last four characters."""
    kind = re.match("[a-z]+_(live_|test_)?", key)
    start = kind[0] if kind else ""
    return f"{start}{'*' * max(len(key) - len(start) - 4, 3)}{key[-4:]}"


def unrecognized(request: Request) -> NoReturn:
    raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")


def missing_object(name: str, stripe_id: str, param: str = "id", *, status: int = 404, hint: str = "") -> ApiError:
    """The refusal of an id that is not there."""
    return ApiError(status, f"No such {name}: '{stripe_id}'{hint}", code="resource_missing", param=param)


def missing_param(name: str) -> ApiError:
    """The refusal of a request without a parameter that it needs."""
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
