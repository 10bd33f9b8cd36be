"""What can be tested of the benchmark without running it: its history, its stand-in, its load, its arithmetic."""

import http.server
import json
import threading
import time

import pytest

from pinax.stripe.testing.delivery import body_of
from pinax.stripe.webhooks.signatures import verify
from tests.benchmarks.webhooks import lives, load, peers
from tests.benchmarks.webhooks.checks import expected, mistakes
from tests.benchmarks.webhooks.results import Condition, Ratio, Run, percentile, ratio, rows_of_condition
from tests.benchmarks.webhooks.screen import markdown
from tests.benchmarks.webhooks.stand_in import Answers

ONE = Condition(1, 0)


@pytest.fixture(scope="module")
def history():
    """Two lives, and the shop before them."""
    stripe = lives.new_history(until=int(time.time()), lives=2)
    lives.open_shop(stripe)
    for number in range(2):
        lives.live(stripe, number)
    return stripe


def run(peer, number, seconds, **values):
    """Ten events of a peer in a round."""
    values = {"cpu_seconds": seconds, "waits": [seconds / 10] * 10, "calls": 10, "failures": 0, "others": 0.0, **values}
    return Run(peer=peer, round=number, condition=ONE, events=10, seconds=seconds, **values)


# The history


def test_events_are_recent_and_as_large_as_at_stripe(history):
    moments = [event["created"] for event in history.events]
    assert moments == sorted(moments)
    assert time.time() - 3600 < moments[0]
    assert moments[-1] <= time.time()
    sizes = [len(body_of(event)) for event in history.events]
    assert min(sizes) > 600
    assert 4000 < max(sizes) < 8000


def test_events_of_one_second_say_the_same_of_an_object(history):
    said = {}
    for event in history.events:
        data = event["data"]["object"]
        assert said.setdefault((data["id"], event["created"]), data) == data


def test_a_life_signs_up_and_renews(history):
    types = [event["type"] for event in history.events if "customer1" in json.dumps(event["data"])]
    assert types.count("invoice.paid") == types.count("charge.succeeded") == 2
    assert types[0] == "customer.created"
    assert types[-1] == "customer.subscription.updated"
    assert history.get("sub_customer1")["status"] == "active"


# The stand-in


def ask(answers, target, **headers):
    """Status and data of an answer, and the seconds to wait for it."""
    answer, seconds = answers.answer("GET", target, {"authorization": f"Bearer {peers.SECRET_KEY}", **headers}, b"")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    return int(head.split()[1]), json.loads(body), seconds


def test_every_event_is_genuine_at_the_stand_in(history):
    answers = Answers(history)
    for event in history.events:
        assert ask(answers, f"/v1/events/{event['id']}") == (200, event, 0.0)
    assert ask(answers, "/v1/events/evt_forged")[0] == 404
    assert ask(answers, "/stand-in/calls")[1]["calls"] == len(history.events) + 1


def test_objects_are_shown_in_their_last_state_to_a_platform_that_names_itself_too(history):
    answers = Answers(history)
    for headers in ({}, {"stripe-account": peers.PLATFORM}):
        status, data, _ = ask(answers, "/v1/customers/cus_customer0", **headers)
        assert (status, data["id"], data["email"]) == (200, "cus_customer0", "jenny.rosen.0@example.com")


def test_lists_of_events_have_pages_times_and_types(history):
    answers = Answers(history)
    newest_first = [event["id"] for event in reversed(history.events)]
    _, first, _ = ask(answers, "/v1/events?limit=30")
    _, second, _ = ask(answers, f"/v1/events?limit=100&starting_after={first['data'][-1]['id']}")
    assert [event["id"] for page in (first, second) for event in page["data"]] == newest_first
    assert (first["has_more"], second["has_more"]) == (True, False)
    [paid, *_] = [event for event in history.events if event["type"] == "invoice.paid"]
    target = f"/v1/events?created[gte]={paid['created']}&created[lte]={paid['created']}&types[0]=invoice.paid"
    assert ask(answers, target)[1]["data"] == [paid]


def test_the_latency_holds_for_stripes_paths(history):
    answers = Answers(history)
    assert ask(answers, "/stand-in/latency/50")[2] == 0.0
    assert ask(answers, "/v1/customers")[2] == 0.05


# The load


class Site(http.server.BaseHTTPRequestHandler):
    """Answers 200, and 500 to the body `broken`; writes down what it got."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, b"1")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((body, dict(self.headers)))
        self.reply(500 if body == b"broken" else 200, b"")

    def reply(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Statements", "BEGIN,COMMIT")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Print nothing."""


@pytest.fixture
def site():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.got = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("at_once", [1, 3])
def test_the_load_posts_every_body_signed_and_tells_each_answer(site, at_once):
    bodies = ["one", "two", "broken", "three"]
    task = load.Task(
        port=site.server_address[1], path="/webhook/", secret="whsec_1", bodies=bodies, at_once=at_once, workers=1
    )
    outcome = load.post(task)
    assert outcome.statuses == [200, 200, 500, 200]
    assert sorted(body.decode() for body, _ in site.got) == sorted(bodies)
    for body, headers in site.got:
        verify(body, headers["Stripe-Signature"], ["whsec_1"], now=time.time(), tolerance=60)
    assert all(0 < wait <= outcome.seconds for wait in outcome.waits)
    assert outcome.statements == []


def test_the_load_gets_the_statements_it_asks_for(site):
    task = load.Task(
        port=site.server_address[1], path="/", secret="whsec_1", bodies=["one"], at_once=1, workers=1, counts=True
    )
    assert load.post(task).statements == [["BEGIN", "COMMIT"]]


# The arithmetic


def test_ratios_are_taken_within_rounds():
    floors = [run("floor", 0, 1.0), run("floor", 1, 10.0), run("floor", 2, 2.0)]
    runs = [run("a", 0, 2.0), run("a", 1, 10.0), run("a", 2, 6.0), run("a", 3, 1.0)]
    assert ratio(runs, floors, lambda each: each.cpu) == Ratio(median=2.0, least=1.0, most=3.0)
    assert ratio(runs[3:], floors, lambda each: each.cpu) is None


def test_a_row_has_medians_ratios_and_sums():
    runs = [run("floor", 0, 1.0), run("a", 0, 2.0, failures=1), run("floor", 1, 1.0), run("a", 1, 4.0, calls=30)]
    rows = rows_of_condition(runs, {"floor": ("The floor", "floor"), "a": ("A", "floor"), "b": ("B", "floor")})
    assert rows == [
        ("The floor", "floor", "10", "1.00", "100.00", "1.00", "100.0", "100.0", "1.00", "0"),
        ("A", "floor", "4", "0.38 (0.25 to 0.50)", "300.00", "3.00 (2.00 to 4.00)", "300.0", "400.0", "2.00", "1"),
    ]


def test_a_percentile_is_a_value_that_occurred():
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([1.0], 0.95) == 1.0


def test_rows_are_held_against_the_events_and_the_last_state_of_their_objects(history):
    events = [event for event in history.events if event["data"]["object"]["id"] == "cus_customer0"]
    objects = {data["id"]: data for data in history.objects("customer")}
    wanted = expected(events, objects)
    assert wanted["event type"] == {event["id"]: event["type"] for event in events}
    assert wanted["customer email"] == {"cus_customer0": "jenny.rosen.0@example.com"}
    assert wanted["customer default payment method"] == {"cus_customer0": "pm_customer0"}
    assert mistakes({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "d": 4}) == ["c is missing", "b is 3 instead of 2"]


def test_every_check_of_a_peer_is_known():
    known = expected([], {}).keys()
    assert {name for peer in peers.PEERS for name in peer.checks} <= known


def test_peers_come_with_their_floors():
    assert [peer.name for peer in peers.chosen(["recorded"])] == ["floor_a", "recorded"]
    assert peers.chosen([]) == peers.PEERS
    with pytest.raises(SystemExit, match="no other"):
        peers.chosen(["other"])


def test_a_plain_table_is_markdown():
    assert markdown(("peer", "n"), [("a", "1")]) == ["| peer | n |", "| --- | --: |", "| a | 1 |"]
