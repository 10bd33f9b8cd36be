"""Sets up the webhook endpoint at Stripe: creates, lists, updates, rotates and deletes it."""

from argparse import BooleanOptionalAction
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import api
from ...actions import webhook_endpoints as endpoints
from ...actions.webhook_endpoints import Endpoint
from ...addresses import NoAddress, leads_here, misses, public_path, webhook_path
from ...conf import configured_secrets, key_livemode, setting
from ...exceptions import StripeError
from ...webhooks.registry import types_of_interest

MODE_LABELS = {True: "live mode", False: "test mode", None: "the mode of the key"}
SECRET_STATES = {True: "configured", False: "not in PINAX_STRIPE_WEBHOOK_SECRETS", None: "unknown"}


class Command(BaseCommand):
    help = "Set up the webhook endpoint at Stripe."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|update|rotate|delete")

        create = actions.add_parser("create", help="Make an endpoint for this project, and print its secret.")
        create.add_argument("--connect", action="store_true", help="Events of connected accounts, instead of your own.")
        create.add_argument("--description", default="", help="What Stripe's dashboard shows beside it.")
        create.add_argument("--force", action="store_true", help="Even if there is an endpoint for this URL already.")

        actions.add_parser("list", help="Show all endpoints, and which are this project's.")

        update = actions.add_parser("update", help="Set the event types to those that the project handles now.")
        update.add_argument("--enable", action="store_true", help="Switch it on again, if Stripe has disabled it.")

        rotate = actions.add_parser("rotate", help="Replace the secret: an endpoint beside the old one, both in use.")
        rotate.add_argument("--finish", action="store_true", help="The second step: delete the old endpoint.")
        rotate.add_argument(
            "--connect", action=BooleanOptionalAction, help="What the old one was made with, if stripe_webhook did not."
        )
        rotate.add_argument("--force", action="store_true", help="Finish even if the new secret is not configured.")

        delete = actions.add_parser("delete", help="Delete the endpoint: Stripe posts nothing more.")

        for action in (create, update):
            action.add_argument(
                "--all", action="store_true", help="Every event type, instead of those that the project handles."
            )
        for action in (create, rotate):
            action.add_argument(
                "--api-version", default="", help="Version of the events; by default that of our calls."
            )
        for action in (update, rotate, delete):
            action.add_argument("--endpoint", metavar="we_…", help="Which one, if there are several.")
        for action in (rotate, delete):
            action.add_argument("--yes", action="store_true", help="Do not ask before something is deleted.")
        for action in actions.choices.values():
            action.add_argument("--url", default="", help="The webhook's URL; by default PINAX_STRIPE_WEBHOOK_URL.")
            action.add_argument("--host", default="", help="Or only its host: the rest comes from the URLconf.")

    def handle(self, *args: Any, **options: Any) -> None:
        carry_out: dict[str, Callable[[dict[str, Any]], None]] = {
            "create": self.create,
            "list": self.list,
            "update": self.update,
            "rotate": self.finish if options.get("finish") else self.rotate,
            "delete": self.delete,
        }
        try:
            carry_out[options["action"]](options)
        except StripeError as error:
            raise CommandError(str(error)) from error

    def create(self, options: dict[str, Any]) -> None:
        url = url_of(options)
        if not url:
            raise CommandError("Name the webhook's address: --url https://example.com/stripe/webhook/, or --host.")
        if problem := endpoints.problem_with(url):
            raise CommandError(problem)
        if here := misses(urlsplit(url).path or "/"):
            self.stdout.write(
                self.style.WARNING(
                    f"The URLconf has the webhook at {' and '.join(here)}: unless a proxy changes paths on the way, "
                    f"nothing answers at {url}."
                )
            )
        if not options["force"]:
            refuse_second(url, connect=options["connect"])
        types = types_to_send(options)
        version = options["api_version"] or api.version()
        endpoint = endpoints.create(
            url, types, connect=options["connect"], api_version=version, description=options["description"]
        )
        self.stdout.write(
            f"Made {endpoint['id']} for {url} in {MODE_LABELS[key_livemode()]}: {counted(types)}, {version}."
        )
        self.show_secret(endpoint)
        self.stdout.write("To read in what the account has already: python manage.py stripe_sync")

    def show_secret(self, endpoint: Endpoint) -> None:
        """Print the secret, which is shown only once, and the setting for it."""
        value = ",".join([endpoint["secret"], *(secret for secret in configured_secrets() if secret.strip())])
        self.stdout.write(
            "\nIts secret, which Stripe shows only this once:\n\n"
            f"    {endpoint['secret']}\n\n"
            "Set it in the environment of the project (or in its settings), then restart the project:\n\n"
            f"    PINAX_STRIPE_WEBHOOK_SECRETS={value}\n"
        )

    def list(self, options: dict[str, Any]) -> None:
        found = endpoints.list_endpoints()
        if not found:
            self.stdout.write(f"There is no endpoint in {MODE_LABELS[key_livemode()]}.")
        for endpoint in found:
            ours = endpoints.is_ours(endpoint, url=url_of(options), answers=leads_here)
            self.stdout.write(f"{'*' if ours else ' '} {endpoint['id']}  {endpoint['status']}  {endpoint['url']}")
            self.stdout.write(f"    {counted(endpoint['enabled_events'])}, {endpoint['api_version'] or 'no version'}")
            self.stdout.write(f"    secret: {SECRET_STATES[endpoints.secret_state(endpoint)]}")
            if options["verbosity"] > 1:
                self.stdout.write(f"    {' '.join(endpoint['enabled_events'])}")
        if found:
            self.stdout.write("* this project's")

    def update(self, options: dict[str, Any]) -> None:
        endpoint = chosen(options)
        before, after = set(endpoint["enabled_events"]), types_to_send(options)
        endpoints.update(endpoint, after, enable=options["enable"])
        self.stdout.write(f"{endpoint['id']} is sent {counted(after)} now.")
        for sign, names in (("+", set(after) - before), ("-", before - set(after))):
            for name in sorted(names):
                self.stdout.write(f"{sign} {name}")
        if endpoint["status"] == "disabled" and not options["enable"]:
            self.stdout.write(self.style.WARNING("It is disabled; --enable switches it on."))
        if endpoint["api_version"] not in (None, api.version()):
            self.stdout.write(
                f"Its events come in version {endpoint['api_version']}, our calls use {api.version()}; to change the "
                f"former: stripe_webhook rotate --api-version {api.version()}"
            )

    def rotate(self, options: dict[str, Any]) -> None:
        old = chosen(options)
        for replaced, new in endpoints.replacements(endpoints.list_endpoints()):
            if old["id"] in (replaced["id"], new["id"]):
                raise CommandError(
                    f"{new['id']} already exists to replace {replaced['id']}: run stripe_webhook rotate "
                    "--finish once its secret is configured."
                )
        connect = options["connect"]
        if connect is None and endpoints.MARK not in old["metadata"]:
            raise CommandError(
                f"{old['id']} was not made by stripe_webhook, and Stripe does not say whether it receives events of "
                "connected accounts: add --connect or --no-connect."
            )
        new = endpoints.replace(old, connect=connect, api_version=options["api_version"])
        self.stdout.write(f"Made {new['id']} beside {old['id']}, with the same URL and types.")
        self.show_secret(new)
        self.stdout.write(
            "Until the old endpoint is deleted, Stripe sends every event to both; the second delivery is counted as a "
            "duplicate and does nothing. When the project runs with both secrets:\n\n"
            "    python manage.py stripe_webhook rotate --finish"
        )

    def finish(self, options: dict[str, Any]) -> None:
        pairs = [
            (old, new)
            for old, new in endpoints.replacements(endpoints.list_endpoints())
            if options["endpoint"] in (None, old["id"], new["id"])
        ]
        if len(pairs) != 1:
            raise CommandError(
                "No endpoint is being replaced: run stripe_webhook rotate first."
                if not pairs
                else f"Say which one with --endpoint: {', '.join(new['id'] for _old, new in pairs)}."
            )
        old, new = pairs[0]
        if endpoints.secret_state(new) is not True and not options["force"]:
            raise CommandError(
                f"The secret of {new['id']} is not in PINAX_STRIPE_WEBHOOK_SECRETS here: its deliveries would be "
                "refused. Set it, or say --force if you know that the project has it."
            )
        self.confirm(options, f"Delete {old['id']}, which {new['id']} replaces?")
        endpoints.delete(old)
        self.stdout.write(f"Deleted {old['id']}. Remove its secret from PINAX_STRIPE_WEBHOOK_SECRETS.")
        self.stdout.write(
            "To fetch what it had not delivered yet: python manage.py stripe_catch_up --undelivered --since 3d"
        )

    def delete(self, options: dict[str, Any]) -> None:
        endpoint = chosen(options)
        self.confirm(options, f"Delete {endpoint['id']} for {endpoint['url']} in {MODE_LABELS[key_livemode()]}?")
        endpoints.delete(endpoint)
        self.stdout.write(f"Deleted {endpoint['id']}. Remove its secret from PINAX_STRIPE_WEBHOOK_SECRETS.")

    def confirm(self, options: dict[str, Any], question: str) -> None:
        if options["yes"]:
            return
        try:
            answer = input(f"{question} Type yes: ")
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was deleted.")


def url_of(options: dict[str, Any]) -> str:
    """The webhook's URL as far as it is known; "" when it is not."""
    if options["url"] or not options["host"]:
        return options["url"] or setting("WEBHOOK_URL") or ""
    try:
        return f"https://{options['host']}{public_path(webhook_path())}"
    except NoAddress as error:
        raise CommandError(f"{error} Or give --url.") from error


def types_to_send(options: dict[str, Any]) -> list[str]:
    return [endpoints.ALL_TYPES] if options["all"] else types_of_interest()


def counted(types: Sequence[str]) -> str:
    if endpoints.ALL_TYPES in types:
        return "all event types"
    return f"{len(types)} event types"


def chosen(options: dict[str, Any]) -> Endpoint:
    """The endpoint that the options select; CommandError if they select none or several."""
    found = endpoints.list_endpoints()
    if options["endpoint"]:
        found = [endpoint for endpoint in found if endpoint["id"] == options["endpoint"]]
    else:
        url = url_of(options)
        found = [endpoint for endpoint in found if endpoints.is_ours(endpoint, url=url, answers=leads_here)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(
            "There is no such endpoint: see stripe_webhook list, or make one with stripe_webhook create."
        )
    raise CommandError(f"Say which one with --endpoint: {', '.join(endpoint['id'] for endpoint in found)}.")


def refuse_second(url: str, *, connect: bool) -> None:
    """CommandError if an endpoint for this URL, and this kind of account, exists."""
    for endpoint in endpoints.list_endpoints():
        made_for = endpoint["metadata"].get(endpoints.CONNECT) == "true"
        unknown = endpoints.MARK not in endpoint["metadata"]
        if endpoints.same_url(endpoint["url"], url) and (unknown or made_for == connect):
            raise CommandError(
                f"{endpoint['id']} already exists for {url}: use stripe_webhook update to change its types, rotate "
                "to get a new secret, or create --force to have a second one."
            )
