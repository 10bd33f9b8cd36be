"""The page of an event answers why it is in its state, and puts every remedy one click away."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.display import links
from pinax.stripe.admin.display.links import dashboard_url
from pinax.stripe.admin.events.actions import RESULT_TEXTS
from pinax.stripe.admin.events.timeline import STEPS, timeline
from pinax.stripe.catalogue.reasons import NOTES
from pinax.stripe.models.events import EventStep
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.webhooks import checkpoints
from pinax.stripe.webhooks.processing import Outcome
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db(transaction=True)
BROKEN = [False]
CALLS: list[str] = []
QUEUE: list[int] = []
RECEIVERS = f"customer.created:{__name__}"


def grant_access(event, **kwargs):
    CALLS.append("grant_access")


def send_mail(event, **kwargs):
    CALLS.append("send_mail")
    if BROKEN[0]:
        raise ConnectionError("the mail server is away")


def enqueue(event_pk):
    """What PINAX_STRIPE_DISPATCH names when there is a task queue."""
    QUEUE.append(event_pk)


@pytest.fixture(autouse=True)
def receivers():
    """Two receivers, of which one fails while BROKEN."""
    BROKEN[0] = False
    CALLS.clear()
    QUEUE.clear()
    signal = WEBHOOK_SIGNALS["customer.created"]
    for receiver in (grant_access, send_mail):
        signal.connect(receiver)
    yield
    for receiver in (grant_access, send_mail):
        signal.disconnect(receiver)


@pytest.fixture
def created(fake_stripe):
    """A genuine customer.created event."""
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    return fake_stripe.events[-1]


@pytest.fixture
def failed(client, created):
    """The row of an event whose second receiver failed."""
    BROKEN[0] = True
    assert post_event(client, created).status_code == 500
    BROKEN[0] = False
    CALLS.clear()
    return models.Event.objects.get()


def page(client, event):
    response = client.get(page_of(event))
    assert response.status_code == 200
    return response


def page_of(event):
    return reverse("admin:pinax_stripe_event_change", args=[event.pk])


def press(client, event, **data):
    """Press a button of an event's page; the messages that come of it."""
    url = reverse("admin:pinax_stripe_event_again", args=[event.pk])
    response = client.post(url, data, follow=True)
    assert response.redirect_chain == [(page_of(event), 302)]
    event.refresh_from_db()
    return [str(message) for message in response.context["messages"]]


def test_a_done_event_says_when_and_that_it_can_be_processed_again(client, admin_client, created):
    post_event(client, created)
    found = page(admin_client, models.Event.objects.get()).context["page"]
    assert found.explanation.why.startswith("Stripe confirmed this event. Since ")
    assert (found.explanation.next, found.explanation.advice) == ("", "")
    assert [action.name for action in found.actions] == ["process_again"]


def test_an_undecided_event_says_why_and_when_it_is_tried_again(client, admin_client, fake_stripe, created):
    fake_stripe.fail(status=500, times=None)
    post_event(client, created)
    event = models.Event.objects.get()
    found = page(admin_client, event).context["page"]
    assert found.explanation.why.startswith("This event could not be verified yet. Stripe had an error.")
    assert found.explanation.next.startswith("On ")
    assert found.explanation.next.endswith(" it is tried again.")
    assert [action.name for action in found.actions] == ["validate_again"]
    models.Event.objects.update(next_attempt_at=timezone.now() - datetime.timedelta(hours=1))
    assert "stripe_process_events --due" in page(admin_client, event).context["page"].explanation.next


def test_a_failed_event_says_what_failed_and_what_to_do(admin_client, failed):
    found = page(admin_client, failed).context["page"]
    assert f"Most recently in {RECEIVERS}.send_mail: ConnectionError: the mail server is away" in found.explanation.why
    assert "Try again" in found.explanation.advice
    assert [action.name for action in found.actions] == ["try_again", "process_again"]
    models.Event.objects.update(gave_up_at=timezone.now())
    assert "This event was given up on" in page(admin_client, failed).context["page"].explanation.next


def test_a_refused_event_says_why_and_shows_the_difference(client, admin_client, created):
    forged = {**created["data"]["object"], "email": "evil@example.com", "client_secret": "cs_1_secret_abcdefgh"}
    post_event(client, {**created, "data": {"object": forged}})
    response = page(admin_client, models.Event.objects.get())
    found = response.context["page"]
    assert "Stripe's copy of the event has different content." in found.explanation.why
    assert [entry["path"] for entry in found.difference] == ["data.object.client_secret", "data.object.email"]
    html = response.content.decode()
    assert '<div class="stripe-differs"><span class="stripe-key">email</span>' in html
    assert "evil@example.com" in html
    assert "jenny@example.com" in html
    assert "abcdefgh" not in html


def test_a_body_that_is_no_json_is_shown_from_its_beginning(client, admin_client):
    post_event(client, b"\xffhello " + b"x" * 9000)
    found = page(admin_client, models.Event.objects.get()).context["page"]
    assert found.body.startswith("\N{REPLACEMENT CHARACTER}hello xxx")
    assert len(found.body) == 2000
    assert found.actions == []


def test_equal_messages_are_shown_once(client, admin_client, created):
    post_event(client, created)
    titles = [document.title for document in page(admin_client, models.Event.objects.get()).context["page"].documents]
    assert titles == ["Message (the posted message and Stripe's copy are the same)"]


def test_another_rendering_is_noted_and_both_messages_are_shown(client, admin_client, created):
    data = {"object": {**created["data"]["object"], "email": "other@example.com"}}
    post_event(client, {**created, "api_version": "2015-10-16", "data": data})
    found = page(admin_client, models.Event.objects.get()).context["page"]
    assert found.explanation.notes == [str(NOTES["rendering_differs"])]
    assert [document.title for document in found.documents] == [
        "Stripe's copy, which is processed",
        "Posted message",
    ]


def test_the_timeline_shows_everything_in_order(client, admin_client, fake_stripe, created, settings):
    settings.PINAX_STRIPE_RETRY_LIMIT = 2
    fake_stripe.fail(status=500, times=None)
    post_event(client, created)
    fake_stripe.clear_faults()
    BROKEN[0] = True
    post_event(client, created)
    post_event(client, created)
    BROKEN[0] = False
    event = models.Event.objects.get()
    press(admin_client, event, action="try_again")
    entries = page(admin_client, event).context["page"].timeline
    assert [(entry.title, entry.text.split(":")[0]) for entry in entries] == [
        ("Posted to the webhook", "From 127.0.0.1, Stripe/1.0 (+https"),
        ("Not decided", "Stripe had an error. Stripe failed"),
        ("Delivered again", "From 127.0.0.1."),
        ("Validated: Stripe confirmed it", ""),
        ("Mirrored: 1 row changed", ""),
        ("Receiver done", "customer.created"),
        (f"Failed: {RECEIVERS}.send_mail", "ConnectionError"),
        ("Delivered again", "From 127.0.0.1."),
        (f"Failed: {RECEIVERS}.send_mail", "ConnectionError"),
        ("Given up", "After 2 failures."),
        ("Processing requested", "admin asked to try again what is not done."),
        ("Receiver done", "customer.created"),
        ("Done", ""),
    ]
    [(model, link, change)] = entries[4].rows
    assert (model, change) == ("customer", "created")
    assert link == '<a href="/admin/pinax_stripe/customer/cus_5F1/change/">cus_1</a>'
    html = page(admin_client, event).content.decode()
    assert f'href="#{entries[6].anchor}"' in html
    assert f'id="{entries[6].anchor}"' in html


def test_times_are_in_the_reader_s_zone(client, admin_client, created, settings):
    post_event(client, created)
    models.Event.objects.update(recorded_at="2026-01-05T23:30:00Z")
    settings.TIME_ZONE = "Asia/Kolkata"
    html = page(admin_client, models.Event.objects.get()).content.decode()
    assert "Jan. 6, 2026 05:00:00" in html
    assert "Times are in the zone Asia/Kolkata." in html


def test_the_same_thing_many_times_over_is_one_entry():
    event = models.Event.objects.create(stripe_id="evt_1", deliveries=1)
    step = {"event": event, "kind": "validation", "outcome": "no_answer", "data": {"said": "No answer."}}
    for _number in range(30):
        EventStep.objects.create(**step)
    entries = timeline(event, event.steps.all(), [], [])
    assert [(entry.title, entry.times) for entry in entries] == [("Posted to the webhook", 1), ("Not decided", 30)]


def test_deliveries_that_were_only_counted_are_shown():
    event = models.Event.objects.create(stripe_id="evt_1", deliveries=90)
    for _number in range(49):
        EventStep.objects.create(event=event, kind="delivery", data={"address": "192.0.2.1"})
    assert "40 more deliveries that are not listed." in [
        entry.text for entry in timeline(event, event.steps.all(), [], [])
    ]


@pytest.mark.parametrize(
    ("changes", "tone", "title"),
    [
        (["updated", "kept"], "good", "Mirrored: 1 row changed"),
        (["undecided"], "open", "Mirrored: 0 rows changed"),
        (["updated", "undecided"], "open", "Mirrored: 1 row changed"),
    ],
)
def test_a_change_that_was_not_settled_is_open_and_not_counted(changes, tone, title):
    event = models.Event.objects.create(stripe_id="evt_1")
    rows = [["otherobject", f"climate.order:climorder_{number}", change] for number, change in enumerate(changes)]
    EventStep.objects.create(event=event, kind="mirror", data={"rows": rows})
    entry = timeline(event, event.steps.all(), [], [])[-1]
    assert (entry.tone, entry.title) == (tone, title)


@pytest.mark.parametrize("account", ["", "acct_1/"])
def test_a_row_that_moved_out_of_the_general_table_is_linked_where_it_is(admin_client, account):
    """Old events were mirrored when the type of their object had no table of its own."""
    event = models.Event.objects.create(stripe_id="evt_1")
    rows = [["otherobject", f"{account}coupon:a:b/c", "created"], ["otherobject", "unheard_of:1", "created"]]
    EventStep.objects.create(event=event, kind="mirror", data={"rows": rows})
    key = f"{account}a:b/c"
    models.Coupon.objects.create(id=key, stripe_id="a:b/c", as_of=timezone.now(), as_of_end=timezone.now())
    html = page(admin_client, event).content.decode()
    assert f'<a href="{links.page_url("coupon", key)}">{key}</a>' in html
    assert "unheard_of:1" in html


def test_an_event_of_nested_accounts_links_to_the_row_in_the_innermost_account(admin_client):
    product = models.Product.sync_from_stripe_data(build_object("product", id="prod_1"), account="acct_2")
    event = models.Event.objects.create(
        stripe_id="evt_1", valid=True, object_type="product", object_id="prod_1", stripe_account="acct_1/acct_2"
    )
    assert event.mirrored_object == product
    assert links.page_url("product", product.pk) in page(admin_client, event).content.decode()


def test_each_receiver_is_shown_with_its_outcome(admin_client, failed):
    response = page(admin_client, failed)
    states = {receiver.name: receiver for receiver in response.context["page"].receivers}
    assert "done" in states[f"{RECEIVERS}.grant_access"].badge
    assert "failed" in states[f"{RECEIVERS}.send_mail"].badge
    exception = models.EventProcessingException.objects.get()
    assert states[f"{RECEIVERS}.send_mail"].anchor == f"exception-{exception.pk}"
    models.ReceiverCall.objects.create(event=failed, receiver="customer.created:shop.gone")
    gone = page(admin_client, failed).context["page"].receivers[-1]
    assert_row(gone, name="customer.created:shop.gone", note="No longer connected.", is_callable=False)


def test_a_traceback_has_the_project_s_own_code_in_front(admin_client, failed):
    html = page(admin_client, failed).content.decode()
    own = html[html.index('<pre class="stripe-own">') :].partition("</pre>")[0]
    assert "in send_mail" in own
    assert "frames of libraries" in html


def test_only_the_newest_exceptions_are_on_the_page(admin_client, failed):
    for number in range(25):
        models.EventProcessingException.objects.create(event=failed, message=f"m{number}", traceback="t")
    found = page(admin_client, failed).context["page"]
    assert len(found.failures) == 20
    assert found.failures[0].message == "m24"
    assert len(admin_client.get(found.more_failures_url).context["cl"].result_list) == 26


def test_related_events_are_in_stripe_s_order_around_this_one(client, admin_client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    for number in range(20):
        fake_stripe.advance(60)
        fake_stripe.update("cus_1", name=f"Name {number}")
    fake_stripe.create("customer", id="cus_2")
    for event in reversed(fake_stripe.events):
        post_event(client, event)
    ids = [event["id"] for event in fake_stripe.events]
    event = models.Event.objects.get(stripe_id=ids[10])
    [panel] = page(admin_client, event).context["page"].panels
    assert [row[-1] for row in panel.rows] == ids[4:17]
    assert "<strong>customer.<wbr>updated</strong> (this one)" in panel.rows[6][1]


@pytest.mark.parametrize(
    ("section", "stripe_id", "livemode", "account", "url"),
    [
        ("events", "evt_1", False, "", "https://dashboard.stripe.com/test/events/evt_1"),
        ("events", "evt_1", True, "", "https://dashboard.stripe.com/events/evt_1"),
        ("events", "evt_1", False, "acct_1", "https://dashboard.stripe.com/acct_1/test/events/evt_1"),
        ("events", "evt_1", True, "acct_1", "https://dashboard.stripe.com/acct_1/events/evt_1"),
        ("coupons", "20% off/now", True, "", "https://dashboard.stripe.com/coupons/20%25%20off%2Fnow"),
        ("", "src_1", True, "", ""),
        ("events", "", True, "", ""),
    ],
)
def test_the_dashboard_is_opened_in_the_right_mode_and_account(section, stripe_id, livemode, account, url):
    assert dashboard_url(section, stripe_id, livemode=livemode, account=account) == url


def test_the_page_links_to_the_dashboard(client, admin_client, created):
    post_event(client, created)
    html = page(admin_client, models.Event.objects.get()).content.decode()
    assert f'href="https://dashboard.stripe.com/test/events/{created["id"]}"' in html


def test_trying_again_calls_only_what_is_not_done(admin_client, failed):
    assert press(admin_client, failed, action="try_again") == ["1 event is done."]
    assert (failed.state, CALLS) == ("done", ["send_mail"])


def test_processing_again_calls_every_receiver(admin_client, failed):
    assert press(admin_client, failed, action="process_again") == ["1 event is done."]
    assert (failed.state, CALLS) == ("done", ["grant_access", "send_mail"])


def test_a_done_event_is_processed_again_only_after_a_question(client, admin_client, created):
    post_event(client, created)
    CALLS.clear()
    row = models.Event.objects.get()
    response = admin_client.post(reverse("admin:pinax_stripe_event_again", args=[row.pk]), {"action": "process_again"})
    html = response.content.decode()
    assert "Emails may be sent twice" in html
    assert '<input type="hidden" name="action" value="process_again">' in html
    assert page_of(row) in html
    assert CALLS == []
    assert press(admin_client, row, action="process_again", confirmed="1") == ["1 event is done."]
    assert CALLS == ["grant_access", "send_mail"]


def test_a_done_event_stays_done_while_stripe_does_not_answer(client, admin_client, fake_stripe, created):
    post_event(client, created)
    CALLS.clear()
    row = models.Event.objects.get()
    fake_stripe.fail(times=None)
    assert press(admin_client, row, action="process_again", confirmed="1") == [
        "Stripe did not answer about 1 event, which stays done; try again later."
    ]
    assert (row.state, CALLS, row.receiver_calls.count()) == ("done", [], 2)
    assert "Stripe did not answer, so nothing was done." in page(admin_client, row).content.decode()


def test_validating_again_asks_stripe(client, admin_client, fake_stripe):
    event = build_event("customer.created", build_object("customer", id="cus_1"))
    post_event(client, event)
    row = models.Event.objects.get()
    assert press(admin_client, row, action="validate_again") == ["1 event was refused."]
    fake_stripe.add_event(event)
    assert press(admin_client, row, action="validate_again") == ["1 event is done."]
    assert row.state == "done"


def test_one_receiver_is_called_again(admin_client, failed):
    name = f"{RECEIVERS}.grant_access"
    assert press(admin_client, failed, receiver=name) == [f"{name} was called, and the event is done."]
    assert CALLS == ["grant_access", "send_mail"]
    assert press(admin_client, failed, receiver=name)
    assert CALLS == ["grant_access", "send_mail", "grant_access"]


def test_a_receiver_that_fails_again_is_reported(admin_client, failed):
    BROKEN[0] = True
    [message] = press(admin_client, failed, receiver=f"{RECEIVERS}.send_mail")
    assert "the event is not done" in message
    assert failed.state == "failed"


def test_an_unknown_receiver_cannot_be_called(admin_client, failed):
    assert press(admin_client, failed, receiver="customer.created:os.system") == [
        "This is not possible in the event's current state."
    ]
    assert not EventStep.objects.filter(kind="again").exists()


@pytest.mark.parametrize("action", ["validate_again", "nonsense", ""])
def test_what_makes_no_sense_for_the_event_is_not_done(client, admin_client, created, action):
    post_event(client, created)
    CALLS.clear()
    message = "This is not possible in the event's current state."
    assert press(admin_client, models.Event.objects.get(), action=action) == [message]
    assert CALLS == []


def test_no_receiver_of_a_refused_event_can_be_called(client, admin_client):
    post_event(client, build_event("customer.created", build_object("customer", id="cus_1")))
    row = models.Event.objects.get()
    response = page(admin_client, row)
    assert response.context["page"].receivers == []
    press(admin_client, row, receiver=f"{RECEIVERS}.send_mail")
    assert CALLS == []


def test_with_a_task_queue_the_work_is_done_in_the_background(admin_client, failed, settings):
    settings.PINAX_STRIPE_DISPATCH = f"{__name__}.enqueue"
    assert press(admin_client, failed, action="try_again") == ["1 event is processed in the background."]
    name = f"{RECEIVERS}.send_mail"
    assert press(admin_client, failed, receiver=name) == [f"{name} is called in the background."]
    assert ([failed.pk, failed.pk], []) == (QUEUE, CALLS)


def test_buttons_are_for_staff_with_the_permission(client, failed, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_event"))
    client.force_login(viewer)
    html = page(client, failed).content.decode()
    assert "Try again</button>" not in html
    assert "Call again</button>" not in html
    url = reverse("admin:pinax_stripe_event_again", args=[failed.pk])
    assert client.post(url, {"action": "try_again"}).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="change_event"))
    assert "Try again</button>" in page(client, failed).content.decode()
    assert press(client, failed, action="try_again") == ["1 event is done."]


def test_a_button_needs_a_post_with_a_token_and_a_login(admin_user, client, failed):
    url = reverse("admin:pinax_stripe_event_again", args=[failed.pk])
    assert "/login/" in client.post(url, {"action": "try_again"}).url
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.get(url).status_code == 405
    assert strict.post(url, {"action": "try_again"}).status_code == 403
    token = page(strict, failed).context["csrf_token"]
    assert strict.post(url, {"action": "try_again", "csrfmiddlewaretoken": str(token)}).status_code == 302
    assert CALLS == ["send_mail"]


def test_a_button_of_an_event_that_is_gone_is_not_found(admin_client):
    url = reverse("admin:pinax_stripe_event_again", args=[999])
    assert admin_client.post(url, {"action": "try_again"}).status_code == 404


def test_stripe_is_asked_outside_the_transaction_of_the_request(admin_client, client, fake_stripe, monkeypatch):
    post_event(client, build_event("customer.created", build_object("customer", id="cus_1")))
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    seen = []
    monkeypatch.setattr(checkpoints, "observers", [lambda point: seen.append((point, connection.in_atomic_block))])
    row = models.Event.objects.get()
    press(admin_client, row, action="validate_again")
    data = {"action": "validate_again", "_selected_action": [row.pk]}
    admin_client.post(reverse("admin:pinax_stripe_event_changelist"), data)
    assert seen == [(checkpoints.Checkpoint.VALIDATING, False), (checkpoints.Checkpoint.VALIDATED, False)] * 2


def test_an_event_whose_messages_are_gone_offers_nothing(client, admin_client, created):
    post_event(client, created)
    models.Event.objects.update(pruned_at=timezone.now(), webhook_message=None, validated_message=None, body=b"")
    row = models.Event.objects.get()
    found = page(admin_client, row).context["page"]
    assert (found.actions, found.documents) == ([], [])
    assert "Its messages were pruned on" in found.explanation.notes[-1]
    press(admin_client, row, action="process_again")
    press(admin_client, row, receiver=f"{RECEIVERS}.send_mail")
    assert CALLS == ["grant_access", "send_mail"]


@pytest.mark.parametrize(
    ("columns", "note", "actions"),
    [
        ({"valid": True, "processed": True}, "receivers get only what is left", ["process_again"]),
        ({"valid": False, "reason": "not_found"}, "Stripe cannot be asked about it again", []),
    ],
)
def test_a_redacted_event_says_what_that_means(admin_client, columns, note, actions):
    row = models.Event.objects.create(stripe_id="evt_1", redacted_at=timezone.now(), **columns)
    found = page(admin_client, row).context["page"]
    assert note in found.explanation.notes[-1]
    assert [action.name for action in found.actions] == actions


def test_every_code_has_its_words():
    assert RESULT_TEXTS.keys() == set(Outcome)
    assert {str(kind) for kind in EventStep.Kind} == {str(kind) for kind in STEPS}
