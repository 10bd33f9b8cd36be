"""What has to be true when everything was delivered, and what of it is not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Sum

from pinax.stripe.models import Event, EventProcessingException

from . import receivers
from .comparison import Compared
from .models import Receipt


@dataclass(frozen=True, kw_only=True)
class Check:
    """A sentence that should hold, and what speaks against it."""

    claim: str
    problems: list[str] = field(default_factory=list)


def checks(*, events: Iterable[dict], posts: Counter[str], forged: dict, compared: Iterable[Compared]) -> list[Check]:
    """All checks: of the events Stripe has, of how often each was POSTed, of the forged one, and of the mirror."""
    genuine = {event["id"]: event["type"] for event in events}
    return [
        Check(claim="Every event of Stripe's is on record once, believed and done.", problems=undone(genuine)),
        Check(claim="Every POST was counted, duplicates included.", problems=miscounted(genuine, posts)),
        Check(claim="The forged event was refused and had no effect.", problems=believed(forged)),
        Check(claim="Every receiver ran once, though one failed at first.", problems=receipts(genuine)),
        Check(claim="Every mirrored row is what Stripe has.", problems=mirror(compared)),
    ]


def undone(genuine: dict[str, str]) -> list[str]:
    """Events that are not on record as they should be, and others that are."""
    done = Event.objects.filter(valid=True, processed=True, stripe_id__in=genuine)
    rows = dict(done.values_list("stripe_id").annotate(Count("pk")))
    problems = [
        f"{kind} {stripe_id} is done {rows.get(stripe_id, 0)} times"
        for stripe_id, kind in genuine.items()
        if rows.get(stripe_id) != 1
    ]
    waiting = Event.objects.undone()
    problems += [f"{event} waits: {event.reason or 'a handler or receiver failed'}" for event in waiting]
    strangers = Event.objects.genuine().exclude(stripe_id__in=genuine)
    return problems + [f"{event} was believed, and Stripe does not have it" for event in strangers]


def miscounted(genuine: dict[str, str], posts: Counter[str]) -> list[str]:
    """Events whose count of deliveries is not how often they were POSTed."""
    counts = dict(Event.objects.genuine().values_list("stripe_id").annotate(Sum("deliveries")))
    problems = [
        f"{kind} {stripe_id} was POSTed {posts[stripe_id]} times, {counts.get(stripe_id, 0)} were counted"
        for stripe_id, kind in genuine.items()
        if counts.get(stripe_id, 0) != posts[stripe_id]
    ]
    return problems if max(posts.values(), default=0) > 1 else [*problems, "nothing was POSTed twice"]


def believed(forged: dict) -> list[str]:
    """What the forged event achieved."""
    rows = Event.objects.filter(stripe_id=forged["id"])
    problems = [] if len(rows) == 1 else [f"{len(rows)} rows have the forged id"]
    for event in rows:
        if event.valid is not False or not event.reason:
            problems.append(f"the forged event was not refused (valid is {event.valid})")
        if event.processed or event.validated_message is not None or event.receiver_calls.exists():
            problems.append("the forged event was acted on")
    others = Event.objects.refused().exclude(stripe_id=forged["id"])
    return problems + [f"{event} was refused ({event.reason}), and is not the forged one" for event in others]


def receipts(genuine: dict[str, str]) -> list[str]:
    """Payments without exactly one receipt."""
    written = dict(Receipt.objects.values_list("event__stripe_id").annotate(Count("pk")))
    paid = [stripe_id for stripe_id, kind in genuine.items() if kind == settings.DEMO_PAID]
    problems = [
        f"{written.get(stripe_id, 0)} receipts were written for the payment {stripe_id}"
        for stripe_id in paid
        if written.get(stripe_id) != 1
    ]
    problems += [f"a receipt was written for {stripe_id}" for stripe_id in written if stripe_id not in paid]
    if not paid:
        problems.append("nothing was paid")
    failures = EventProcessingException.objects.filter(message__startswith=receivers.OutOfPaper.__name__).count()
    return problems if failures == 1 else [*problems, f"the failure of a receiver is on record {failures} times"]


def mirror(compared: Iterable[Compared]) -> list[str]:
    """Rows that are not what the API says."""
    compared = list(compared)
    problems = [f"{one.table} {one.key} {problem}" for one in compared for problem in one.problems]
    return problems if compared else ["nothing was mirrored"]
