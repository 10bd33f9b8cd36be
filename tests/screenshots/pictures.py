"""The pictures of the documentation: which page, how large, light or dark."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One PNG."""

    #: Of the scene, the address of the page.
    page: Callable[[Any], str]
    #: Width and height in pixels.
    size: tuple[int, int]
    dark: bool = False


def event(name: str) -> Callable[[Any], str]:
    """The page of an event of the scene."""
    return lambda scene: reverse("admin:pinax_stripe_event_change", args=[getattr(scene, name)().pk])


def overview(scene: Any) -> str:
    return reverse("admin:pinax_stripe_event_overview") + "?window=week"


def event_list(scene: Any) -> str:
    return reverse("admin:pinax_stripe_event_changelist")


def customer(scene: Any) -> str:
    return reverse("admin:pinax_stripe_customer_change", args=["cus_5Fada0"])


WIDE = 1040
PHONE = (390, 844)
#: Name in docs/images -> the picture.
PICTURES = {
    "event-done.png": Picture(page=event("done"), size=(WIDE, 850)),
    "event-refused.png": Picture(page=event("refused"), size=(WIDE, 760)),
    "event-failed.png": Picture(page=event("failed"), size=(WIDE, 1080)),
    "event-list.png": Picture(page=event_list, size=(WIDE, 800)),
    "event-list-phone.png": Picture(page=event_list, size=PHONE),
    "event-phone.png": Picture(page=event("failed"), size=PHONE),
    "customer.png": Picture(page=customer, size=(WIDE, 800)),
    "overview.png": Picture(page=overview, size=(WIDE, 1420)),
    "overview-dark.png": Picture(page=overview, size=(WIDE, 760), dark=True),
}
