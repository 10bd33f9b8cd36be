"""Which admin site the request is for: a project may have its own site, or several."""

from contextvars import ContextVar
from typing import Any

from django import urls
from django.contrib.admin import AdminSite

#: Name of the site whose page is being made; "" outside of one.
CURRENT: ContextVar[str] = ContextVar("pinax_stripe_admin_site", default="")


def enter(site: AdminSite) -> None:
    """Let links lead to pages of this site; each view begins with it."""
    CURRENT.set(site.name)


def reverse(name: str, args: Any = None) -> str:
    """Like Django's `reverse`, for names that begin with `admin:`."""
    return urls.reverse(name, args=args, current_app=CURRENT.get() or None)
