"""Pages of hostile POSTs stay small, take linear time and memory, and lead to the whole text."""

import json
import tracemalloc

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe import models
from pinax.stripe.admin.display.json_tree import Budget, json_tree, plain_text
from pinax.stripe.admin.display.line_breaks import LONGEST, breakable
from pinax.stripe.admin.display.masking import masked_text
from pinax.stripe.admin.events.tracebacks import LONGEST_HALF, parts
from pinax.stripe.testing import post_event
from pinax.stripe.webhooks import comparison
from pinax.stripe.webhooks.comparison import difference

pytestmark = pytest.mark.django_db(transaction=True)

MEGABYTE = 1_000_000
#: What a page may come to, with three documents that are as long as they may be.
PAGE = 3 * MEGABYTE
MEMORY = 60 * MEGABYTE


def nested(depth, key):
    value = {"end": 1}
    for _level in range(depth):
        value = {key: value}
    return value


#: What is added to a genuine object; up to a megabyte of it.
HOSTILE = {
    "a key of dots": lambda: {"." * 900_000: 1},
    "keys of dots": lambda: {"." * length: 1 for length in range(1_300)},
    "a long key above many values": lambda: {"k" * 300_000: {str(number): 1 for number in range(60_000)}},
    "long keys, deeply nested": lambda: nested(90, "k" * 10_000),
    "a long text": lambda: {"description": "<" * 900_000},
    "a list of numbers": lambda: {"list": [0] * 200_000},
    "a list of lists": lambda: {"list": [[]] * 150_000},
    "a list of objects with names": lambda: {"list": [{"id": "x" * 100, "object": "y" * 100}] * 4_000},
    "an object of many entries": lambda: {str(number): number for number in range(65_000)},
    "texts that need escaping": lambda: {str(number): "'" * 80 for number in range(9_000)},
    "texts of words that wrap": lambda: {"email": "a." * 450_000},
    "texts that are almost secrets": lambda: {"description": "a_secret_ sk_ " * 60_000},
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def forged(request, client, fake_stripe):
    """A row of a POST that adds something to an event of Stripe's."""
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    payload = json.loads(json.dumps(fake_stripe.events[0]))
    payload["data"]["object"].update(request.param())
    body = json.dumps(payload, separators=(",", ":"))
    assert len(body) <= 1024 * 1024
    assert post_event(client, body).json()["reason"] == "content_differs"
    return models.Event.objects.get()


def address_of(event, kind="change", *args):
    return reverse(f"admin:pinax_stripe_event_{kind}", args=[event.pk, *args])


@pytest.mark.sampled
@pytest.mark.slow
def test_the_page_of_a_hostile_event_is_bounded(admin_client, forged):
    tracemalloc.start()
    try:
        response = admin_client.get(address_of(forged))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert response.status_code == 200
    assert len(response.content) < PAGE
    assert peak < MEMORY
    assert address_of(forged, "text", "webhook_message") in response.content.decode()


def test_what_the_row_says_of_the_difference_is_short(forged):
    assert len(forged.explanation) < 2_000
    assert max(len(entry["path"]) for entry in forged.difference) <= comparison.MAX_VALUE_LENGTH + 1
    assert len(forged.difference) <= 100
    assert sum(len(json.dumps(step.data)) for step in forged.steps.all()) < 4_000


def test_the_list_of_events_does_not_show_the_messages(admin_client, forged):
    assert len(admin_client.get(reverse("admin:pinax_stripe_event_changelist")).content) < 100_000


def test_the_whole_text_is_there(admin_client, forged):
    response = admin_client.get(address_of(forged, "text", "webhook_message"))
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    shown = json.loads(response.content)
    assert shown["data"]["object"].keys() == forged.webhook_message["data"]["object"].keys()


def test_the_plain_text_of_a_message_is_for_staff_who_may_see_the_row(
    client, admin_client, fake_stripe, django_user_model
):
    post_event(client, b'{"no": "event", "client_secret": "opaque", "key": "sk_live_51AbCdEf"}')
    event = models.Event.objects.get()
    for column in ("webhook_message", "body"):
        text = admin_client.get(address_of(event, "text", column)).content.decode()
        assert '"no": "event"' in text
        assert "opaque" not in text
        assert "51AbCdEf" not in text
    assert admin_client.get(address_of(event, "text", "fingerprint")).status_code == 404
    assert admin_client.get(reverse("admin:pinax_stripe_event_text", args=["0", "body"])).status_code == 404
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))
    assert client.get(address_of(event, "text", "body")).status_code == 403
    client.logout()
    assert client.get(address_of(event, "text", "body")).status_code == 302


@pytest.mark.parametrize("body", [b"[" * 3_000 + b"]" * 3_000, b"[" * 200_000], ids=["whole", "cut"])
def test_a_deep_body_that_claims_to_be_compressed_has_a_page(admin_client, client, body):
    """No parser looked at it, and none may look at it later."""
    headers = {"Content-Encoding": "br"}
    client.post("/stripe/webhook/", body, content_type="application/json", headers=headers)
    event = models.Event.objects.get()
    assert (event.reason, event.webhook_message) == ("compressed", None)
    assert admin_client.get(address_of(event)).status_code == 200
    for column in ("body", "webhook_message"):
        assert admin_client.get(address_of(event, "text", column)).status_code == 200


def test_a_body_that_is_no_json_has_a_text_too(admin_client, client):
    post_event(client, b"no JSON \xff <b>" + b"x" * 5_000)
    event = models.Event.objects.get()
    text = admin_client.get(address_of(event, "text", "body")).content.decode()
    assert text == "no JSON � <b>" + "x" * 5_000
    assert address_of(event, "text", "body") in admin_client.get(address_of(event)).content.decode()


def test_a_body_that_is_nested_too_deeply_has_a_text_too(admin_client, client):
    body = b"[" * 50_000 + b"]" * 50_000
    post_event(client, body)
    event = models.Event.objects.get()
    assert admin_client.get(address_of(event, "text", "body")).content == body
    assert admin_client.get(address_of(event)).status_code == 200


#: Secrets are masked, in names, too.
TEXT = st.text(max_size=50).filter(lambda text: masked_text(text) == text)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda children: st.lists(children, max_size=6) | st.dictionaries(TEXT, children, max_size=6),
    max_leaves=60,
)


@given(JSON, st.integers(1, 10), st.integers(0, 40))
def test_no_tree_shows_more_than_its_budget(value, values, characters):
    html = json_tree(value, budget=Budget(values=values, characters=characters), text_url="/whole/")
    assert html.count('<div class="stripe-differs">') + html.count("<div>") + html.count("<details") <= values
    assert len(html) < 400 * values + 6 * characters + 400
    whole = json_tree(value)
    assert ("/whole/" in html) is (json_tree(value, budget=Budget(values=values, characters=characters)) != whole)


@given(JSON)
def test_a_plain_text_is_the_value(value):
    if not isinstance(value, str):
        assert json.loads(plain_text(value)) == value


@given(st.dictionaries(st.text(alphabet=".ab", max_size=5), st.dictionaries(st.text(alphabet=".ab"), st.just(1))))
def test_every_difference_stands_out_whatever_the_keys_are(posted):
    """Paths are joined with dots, and keys may have dots themselves: no place is overlooked."""
    found = list(difference(posted, {key: {} for key in posted}))
    tree = json_tree({"data": {"object": posted}}, differing=[entry["path"] for entry in found])
    assert tree.count('"stripe-differs"') >= len(found)


def test_long_texts_of_pages_are_cut():
    assert len(breakable("a" * 1_000_000)) == LONGEST + 1
    assert breakable("a" * LONGEST) == "a" * LONGEST
    long = f"Traceback:\n{'x' * 1_000_000}\nValueError: no"
    (part,) = parts(long)
    assert len(part.text) < 2 * LONGEST_HALF + 10
    assert part.text.startswith("Traceback:")
    assert part.text.endswith("ValueError: no")
