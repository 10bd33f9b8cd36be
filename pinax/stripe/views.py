"""The webhook: records and processes a POST, and answers Stripe whether to send it again."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from .conf import setting
from .models.events import Event, database
from .webhooks.bodies import read_body
from .webhooks.database_errors import DatabaseErrors, is_trouble, persist
from .webhooks.deliveries import Delivery
from .webhooks.dispatch import dispatch
from .webhooks.processing import Outcome
from .webhooks.recording import record
from .webhooks.responses import DATABASE_TROUBLE_STATUS, status_for

logger = logging.getLogger(__name__)

#: What is kept of a request's headers; the others may hold cookies and credentials.
HEADERS = ("Stripe-Signature", "User-Agent", "Content-Type", "Content-Encoding", "Transfer-Encoding")
HEADER_LENGTH = 2048


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class WebhookView(View):
    """POST only, open to every sender: what Stripe did not send is recorded and refused."""

    http_method_names = ["post"]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """The view, exempt from ATOMIC_REQUESTS where the events are: what it records survives a failure."""
        return transaction.non_atomic_requests(using=database())(super().as_view(**initkwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Record, process (or hand over), answer; when the database has trouble, Stripe sends it again."""
        try:
            return self.receive(delivery(request))
        except DatabaseErrors as error:
            if not is_trouble(error):
                raise
            logger.error("database trouble error=%s", type(error.__cause__ or error).__name__)
            return JsonResponse({"event": "", "reason": "database"}, status=DATABASE_TROUBLE_STATUS)

    def receive(self, posted: Delivery) -> JsonResponse:
        """The answer to a delivery."""
        event = persist(partial(record, posted))
        if event.processed:
            return reply(event, status_for(event, Outcome.DONE))
        if event.valid is False:
            return reply(event, status_for(event, Outcome.REFUSED))
        outcome = dispatch(event)
        if outcome not in (Outcome.DONE, Outcome.DEFERRED):
            event = Event.objects.filter(pk=event.pk).first() or event
        return reply(event, status_for(event, outcome))


def reply(event: Event, status: int) -> JsonResponse:
    """The JSON answer with the event's reason; Stripe's dashboard shows it beside the delivery."""
    return JsonResponse({"event": event.stripe_id, "reason": event.reason}, status=status)


def delivery(request: HttpRequest) -> Delivery:
    """What arrived, at most PINAX_STRIPE_MAX_BODY_BYTES of it."""
    body = read_body(request, setting("MAX_BODY_BYTES"))
    return Delivery(
        body=body.content,
        size=body.size,
        headers={name: request.headers[name][:HEADER_LENGTH] for name in HEADERS if name in request.headers},
        remote_address=request.META.get("REMOTE_ADDR") or "",
        problem=body.problem,
        explanation=body.explanation,
    )
