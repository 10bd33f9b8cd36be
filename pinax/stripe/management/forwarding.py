"""Posts events to a project that runs on this machine: what the commands for development have in common."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import CommandError, CommandParser

from ..addresses import NoAddress, webhook_path
from ..conf import key_livemode, setting, webhook_secrets
from ..testing.delivery import LOOPBACK, body_of, headers_of, send_anywhere

#: Where `manage.py runserver` answers.
LOCAL_ADDRESS = "http://127.0.0.1:8000"


@dataclass(frozen=True, kw_only=True)
class ForwardingTarget:
    """A webhook, and the secret to sign with; "" for none."""

    url: str
    secret: str

    def post(self, event: dict[str, Any]) -> int:
        """The status of the answer; 0 without any."""
        body = body_of(event)
        return send_anywhere(self.url, body, headers_of(body, self.secret))


def add_target_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--forward-to",
        default=LOCAL_ADDRESS,
        metavar="URL",
        help=f"The project, or its webhook's whole URL; default {LOCAL_ADDRESS}.",
    )
    parser.add_argument(
        "--secret", default="", help="Sign with this; default the first of PINAX_STRIPE_WEBHOOK_SECRETS."
    )
    parser.add_argument("--allow-remote", action="store_true", help="Even to an address that is not on this machine.")


def target_of(options: dict[str, Any]) -> ForwardingTarget:
    """What the options ask for; CommandError if that cannot work."""
    url = options["forward_to"] if "://" in options["forward_to"] else f"http://{options['forward_to']}"
    parts = urlsplit(url)
    if not parts.hostname:
        raise CommandError(f"{options['forward_to']!r} is no URL: write {LOCAL_ADDRESS}.")
    if parts.hostname not in LOOPBACK and not options["allow_remote"]:
        raise CommandError(f"{parts.hostname} is not this machine: say --allow-remote if you mean it.")
    if parts.path in ("", "/"):
        url = url.rstrip("/") + path_of_webhook()
    secrets = webhook_secrets()
    secret = options["secret"] or (secrets[0] if secrets else "")
    if not secret and setting("VALIDATION") == "signature":
        raise CommandError(
            'PINAX_STRIPE_VALIDATION is "signature": set PINAX_STRIPE_WEBHOOK_SECRETS (here and in the project) to any '
            "whsec_… of your own, or give it with --secret."
        )
    return ForwardingTarget(url=url, secret=secret)


def path_of_webhook() -> str:
    """Where the server of the project answers; CommandError if that is not one path. A script name is the proxy's."""
    try:
        return webhook_path()
    except NoAddress as error:
        raise CommandError(
            f"{error} Or give the webhook's whole URL: --forward-to {LOCAL_ADDRESS}/stripe/webhook/."
        ) from error


def refuse_live_key(advice: str) -> None:
    """CommandError if the project is configured for live mode."""
    if key_livemode():
        raise CommandError(f"PINAX_STRIPE_SECRET_KEY is a live key. {advice}")
