"""Where the project answers Stripe's POSTs: the webhook is looked for in the URLconf, wherever it is included.

The name of the URL is not enough: below a namespace it has another name, below `i18n_patterns` its address depends on a
language, and with two includes there are two. So the routes that lead to the view are collected, and each is resolved
as Django would resolve a POST of Stripe's, which has no cookie and no Accept-Language.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.urls import LocalePrefixPattern, Resolver404, URLPattern, URLResolver, get_resolver, get_script_prefix
from django.urls import resolve as resolve_path
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.regex_helper import normalize

from .views import WebhookView

#: Advice where no route leads to the webhook.
INCLUDE = 'Add path("stripe/", include("pinax.stripe.urls")) to the URLconf.'
URL_HINT = "Set PINAX_STRIPE_WEBHOOK_URL to the webhook's whole URL if another URLconf has it."

#: The patterns from the root of the URLconf to a view.
Chain = tuple[Any, ...]


class NoAddress(LookupError):
    """The webhook has no address, or several; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the URLconf says of the webhook; paths begin with a slash, and have no script name."""

    #: Paths at which the webhook answers, in the order of the URLconf.
    paths: Sequence[str] = ()
    #: Paths that lead to the webhook, but at which something else answers.
    shadowed: Sequence[str] = ()
    #: Routes with parts that differ from request to request.
    varying: Sequence[str] = ()
    #: Whether the addresses begin with a language.
    is_translated: bool = False


def find_webhook() -> Found:
    """Every place of the webhook in ROOT_URLCONF. Neither database nor network; what the URLconf raises is raised."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return Found()
    chains = list(dict.fromkeys(chains_to_webhook(get_resolver(), ())))
    paths: dict[str, None] = {}
    shadowed: dict[str, None] = {}
    varying = [route_of(chain) for chain in chains if has_parameters(chain)]
    for chain in chains:
        if not has_parameters(chain):
            answered, others = addresses_of(chain)
            paths |= dict.fromkeys(answered)
            shadowed |= dict.fromkeys(others)
    return Found(
        paths=once(paths),
        shadowed=once(shadowed),
        varying=once(varying),
        is_translated=any(isinstance(pattern, LocalePrefixPattern) for chain in chains for pattern in chain),
    )


def once(paths: Any) -> list[str]:
    """Without those that only lack the slash of another one."""
    every = set(paths)
    return [path for path in paths if path.endswith("/") or f"{path}/" not in every]


def chains_to_webhook(resolver: URLResolver, before: Chain) -> Iterator[Chain]:
    """The patterns that lead to the webhook, below a resolver."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from chains_to_webhook(entry, (*before, entry.pattern))
        elif isinstance(entry, URLPattern) and is_webhook(entry.callback):
            yield (*before, entry.pattern)


def is_webhook(view: Any) -> bool:
    """Whether a view is the webhook, a subclass of it, or a decorator around it (`functools.wraps`)."""
    while view is not None:
        kind = getattr(view, "view_class", None)
        if isinstance(kind, type) and issubclass(kind, WebhookView):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def has_parameters(chain: Chain) -> bool:
    """Whether a route has parts that differ from request to request."""
    return any(pattern.converters or (is_regex(pattern) and pattern.regex.groups) for pattern in chain)


def is_regex(pattern: Any) -> bool:
    return not hasattr(pattern, "_route") and not isinstance(pattern, LocalePrefixPattern)


def route_of(chain: Chain) -> str:
    """A route in the active language, as text."""
    return "/" + "".join(pattern_text(pattern) for pattern in chain)


def pattern_text(pattern: Any) -> str:
    """What a pattern without parameters matches."""
    return normalize(str(pattern))[0][0] if is_regex(pattern) else str(pattern)


def addresses_of(chain: Chain) -> tuple[list[str], list[str]]:
    """The addresses of a route: the first language's at which the webhook answers; and, without one, the others."""
    candidates: dict[str, None] = {}
    for language in languages():
        with translation.override(language):
            candidates[route_of(chain)] = None
    answered = [*islice(filter(answers, candidates), 1)]
    return answered, [] if answered else [*islice(candidates, 1)]


def languages() -> list[str]:
    """The languages an address may be in, the likeliest first."""
    found: list[str] = []
    # LocaleMiddleware knows "en-us" as "en", unless LANGUAGES has it.
    with suppress(LookupError):
        found = [translation.get_supported_language_variant(settings.LANGUAGE_CODE)]
    return list(dict.fromkeys([*found, settings.LANGUAGE_CODE, *(code for code, _name in settings.LANGUAGES)]))


def answers(path: str) -> bool:
    """Whether the webhook answers at a path (without script name) of ROOT_URLCONF."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "POST", path, path
    with translation.override(settings.LANGUAGE_CODE):
        if has_locale_middleware():
            LocaleMiddleware(lambda request: HttpResponse()).process_request(request)
        try:
            return is_webhook(resolve_path(path).func)
        except Resolver404:
            return False


def has_locale_middleware() -> bool:
    """Whether requests choose a language."""
    for name in settings.MIDDLEWARE:
        try:
            middleware = import_string(name)
        except ImportError:
            continue
        if isinstance(middleware, type) and issubclass(middleware, LocaleMiddleware):
            return True
    return False


def webhook_path() -> str:
    """The one path of the webhook, without script name; NoAddress says why there is none, or not one only."""
    try:
        found = find_webhook()
    except ImproperlyConfigured as error:
        raise NoAddress(f"The URLconf cannot be read: {error}") from error
    if len(found.paths) == 1:
        return found.paths[0]
    raise NoAddress(reason_for(found))


def reason_for(found: Found) -> str:
    """Why there is not one path, and what to do."""
    if found.paths:
        return f"The URLconf has the webhook at several addresses ({', '.join(found.paths)}): say which one."
    if found.varying:
        return f"The webhook's address has parts that vary ({', '.join(found.varying)}): say the whole one."
    if found.shadowed:
        return (
            f"The URLconf has the webhook at {', '.join(found.shadowed)}, but something else answers there: look at "
            "the patterns before it."
        )
    return f"The webhook is in no URLconf. {INCLUDE} {URL_HINT}"


def public_path(path: str) -> str:
    """A path with the script name before it, as far as FORCE_SCRIPT_NAME tells."""
    return get_script_prefix().rstrip("/") + path


def leads_here(path: str) -> bool:
    """Whether the path of a public URL is one at which the webhook answers."""
    prefix = get_script_prefix()
    return path.startswith(prefix) and answers("/" + path.removeprefix(prefix))


def misses(path: str) -> Sequence[str]:
    """The public paths of the webhook, if a URL's path is certainly none of them; else an empty list.

    If ROOT_URLCONF has no webhook, nothing is certain; and there may be a script name that the settings do not have.
    """
    try:
        found = find_webhook()
    except ImproperlyConfigured:
        return []
    if not found.paths or found.varying or leads_here(path):
        return []
    ours = [public_path(known) for known in found.paths]
    return [] if any(path.rstrip("/").endswith(known.rstrip("/")) for known in found.paths) else ours
