"""What an earlier release recorded is read as it is, and takes less room afterwards."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from pinax.stripe.models import Event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep import compaction

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = ("body", "webhook_message", "validated_message")


def stored():
    """The columns of all documents as the database has them, row by row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM pinax_stripe_event ORDER BY id")
        return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in cursor]


def documents():
    """The documents as code reads them, row by row."""
    rows = Event.objects.order_by("pk")
    return [(bytes(row.body), row.webhook_message, row.message and row.object) for row in rows]


def as_recorded_before(event, copy=None):
    """A row as the last release left it: the body as bytes, and Stripe's copy beside it."""
    body = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
    row = Event.objects.create(stripe_id=f"evt_{Event.objects.count()}", body_size=len(body))
    text = None if copy is None else json.dumps(copy)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pinax_stripe_event SET body = %s, webhook_message = NULL, validated_message = %s, valid = %s "
            "WHERE id = %s",
            [body, text, None if copy is None else True, row.pk],
        )
    return body


def compact():
    out = StringIO()
    call_command("stripe_compact_events", stdout=out)
    return out.getvalue().strip()


def event(**attributes):
    return build_event("customer.created", build_object("customer", id="cus_1", **attributes))


def test_every_document_is_kept_once_and_read_as_before(monkeypatch):
    monkeypatch.setattr(compaction, "BATCH_ROWS", 2)
    posted, other = event(name="Ada"), event(name="Grace")
    bodies = [
        as_recorded_before(posted, copy={**posted, "pending_webhooks": 0}),
        as_recorded_before(posted, copy=other),
        as_recorded_before(posted),
        as_recorded_before(b"no json"),
        as_recorded_before("Ä".encode("latin-1")),
        as_recorded_before('{"id": "ä"}'.encode("utf-16")),
    ]
    before = [
        (bytes(row.body), row.webhook_message, row.message and row.object) for row in Event.objects.order_by("pk")
    ]
    assert [body for body, _, _ in before] == bodies
    assert compact() == "Compacted 3 events."
    after = documents()
    assert after == before
    text = bodies[0].decode()
    assert stored() == [
        (b"", text, None),
        (b"", text, json.dumps(other)),
        (b"", text, None),
        *((body, None, None) for body in bodies[3:]),
    ]
    assert compact() == "Compacted 0 events."


def test_what_this_release_records_is_compact_already(client, fake_stripe):
    genuine = event()
    fake_stripe.add_event(genuine)
    for body in (genuine, b"no json", event(name="forged")):
        post_event(client, body)
    before = stored()
    assert compact() == "Compacted 0 events."
    assert stored() == before


def test_documents_are_columns_like_any_other(client, fake_stripe):
    genuine = event()
    fake_stripe.add_event(genuine)
    post_event(client, genuine)
    body = json.dumps(genuine, indent=2).encode()
    events = Event.objects.filter(validated_message__isnull=False, webhook_message__isnull=False)
    assert list(events.values_list("webhook_message", "validated_message")) == [(genuine, genuine)]
    assert [bytes(found) for (found,) in events.values_list("body")] == [body]
    assert bytes(events.defer(*COLUMNS).get().body) == bytes(events.only("body").get().body) == body
    assert events.filter(webhook_message__contains="cus_1", body=body).exists()
    row = events.get()
    row.save()
    assert stored() == [(b"", body.decode(), None)]
