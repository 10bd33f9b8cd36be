"""The way back from migration 0015 leaves rows that the code of before finds its documents in."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from pinax.stripe.models import Event
from pinax.stripe.testing import post_event


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_documents_are_written_out_on_the_way_back(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    post_event(client, fake_stripe.events[0])
    post_event(client, b"no json")
    body = bytes(Event.objects.get(valid=True).body)
    try:
        call_command("migrate", "pinax_stripe", "0014", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT body, validated_message FROM pinax_stripe_event ORDER BY id")
            rows = [(bytes(posted), copy) for posted, copy in cursor.fetchall()]
    finally:
        call_command("migrate", "pinax_stripe", verbosity=0)
    assert rows == [(body, body.decode()), (b"no json", None)]
    assert Event.objects.get(valid=True).message == json.loads(body)
