"""The least that a webhook can do, to measure others against.

`FloorA` verifies the signature and inserts one row of the event. `FloorB` also fetches the event from Stripe, compares
it, and in one transaction inserts the event and inserts or updates the one customer whom it names.
"""

import json
import threading

import requests
import stripe
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from .models import Customer, Event

#: A session with keep-alive connections for each thread.
thread = threading.local()


def session():
    if not hasattr(thread, "session"):
        thread.session = requests.Session()
        thread.session.headers["Authorization"] = f"Bearer {settings.FLOOR_SECRET_KEY}"
    return thread.session


def insert(event):
    row = Event(stripe_id=event["id"], kind=event["type"], livemode=event["livemode"], message=event)
    Event.objects.bulk_create([row], ignore_conflicts=True)


def upsert_customer(data):
    stripe_id = data["id"] if data["object"] == "customer" else data.get("customer")
    if stripe_id:
        email = data.get("email") or data.get("customer_email") or ""
        Customer.objects.bulk_create(
            [Customer(stripe_id=stripe_id, email=email, stripe_data=data)],
            update_conflicts=True,
            unique_fields=["stripe_id"],
            update_fields=["email", "stripe_data"],
        )


@method_decorator(csrf_exempt, name="dispatch")
class FloorA(View):
    def post(self, request):
        try:
            header = request.headers.get("Stripe-Signature", "")
            stripe.WebhookSignature.verify_header(request.body.decode(), header, settings.FLOOR_WEBHOOK_SECRET, 300)
        except stripe.SignatureVerificationError:
            return HttpResponse(status=400)
        return self.handle(json.loads(request.body))

    def handle(self, event):
        insert(event)
        return HttpResponse()


class FloorB(FloorA):
    def handle(self, event):
        copy = session().get(f"{settings.FLOOR_API_BASE}/v1/events/{event['id']}", timeout=10).json()
        if (copy["type"], copy["data"]) != (event["type"], event["data"]):
            return HttpResponse(status=400)
        with transaction.atomic():
            insert(copy)
            upsert_customer(copy["data"]["object"])
        return HttpResponse()
