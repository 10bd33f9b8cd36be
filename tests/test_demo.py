"""The demo in a process of its own, as people run it: that it ends well, and that its check can fail."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.writable_stripe import API_VERSION, WritableStripe

pytest.importorskip("rich")

ROOT = Path(__file__).parent.parent
KEY = "sk_test_of_the_demo"
CLAIMS = 5


def environment(**variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PINAX_STRIPE_"))}
    ours = {"PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    return {**kept, **ours, "DEMO_WITHOUT_MIGRATIONS": "1", **variables}


def run(*command, **variables):
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def demo(*arguments, **variables):
    return run("-m", "tests.demo", *arguments, **variables)


def test_the_demo_shows_everything_and_ends_well():
    done = demo("--once", DEMO_WITHOUT_MIGRATIONS="")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("✓") == CLAIMS
    for sight in ("repeated; counted", " late ", "sent again", "undecided", "a receiver failed", "400 refused"):
        assert sight in done.stdout
    for title in ("Recorded", "Refused", "Mirrored"):
        assert f"\n{title} " in done.stdout
    history, _, live = done.stdout.partition("The shop opens")
    assert "The account has 4 members already: manage.py stripe_sync" in history
    assert "Read 31 objects: 30 new, 0 changed." in history
    assert "sub_uma " in live
    assert "\x1b" not in done.stdout
    assert "Ctrl-C" not in done.stdout


def test_a_broken_promise_ends_the_demo_with_an_error():
    sabotage = "from pinax.stripe.sync import freshness, writing; writing.decide = lambda *args: freshness.APPLY"
    done = run("-c", f"import sys; from tests.demo.__main__ import main; {sabotage}; sys.exit(main(['--once']))")
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ Every mirrored row is what Stripe has." in done.stdout
    assert done.stdout.count("✓") == CLAIMS - 1


def test_the_checks_of_the_demo_notice_every_difference():
    done = run("-m", "tests.demo.tampered")
    assert done.returncode == 0
    noticed = json.loads(done.stderr)
    assert len(noticed) > 10
    for title, (expected, found) in noticed.items():
        assert found == expected, title


def test_the_demo_stays_up_until_ctrl_c():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.demo"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    last = next(line for line in process.stdout if line.strip().endswith("until Ctrl-C."))
    address, _, login = last.strip().partition(" ")
    assert "name demo, password demo" in login
    with urllib.request.urlopen(address, timeout=120) as response:
        assert b"csrfmiddlewaretoken" in response.read()
    for _ in range(2):  # The terminal's, and the one that tox passes on.
        process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=120)[1] == ""
    assert process.returncode == 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=60)


@pytest.fixture
def writable_stripe():
    with WritableStripe() as stripe:
        stripe.keys = {KEY}
        yield stripe


def test_with_a_test_key_the_life_is_made_at_stripe_and_nothing_is_left(writable_stripe):
    writable_stripe.create("customer", id="cus_of_another_project")
    others = len(writable_stripe.events)
    done = demo("--once", "--api-base", writable_stripe.url, STRIPE_SECRET_KEY=KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("✓") == CLAIMS
    assert "400 refused" in done.stdout
    assert KEY not in done.stdout
    assert "cus_of_another_project" not in done.stdout
    made = writable_stripe.events[others:]
    assert {"invoice.paid", "charge.refunded", "customer.deleted"} <= {event["type"] for event in made}
    assert all(writable_stripe.calls(f"/v1/events/{event['id']}") for event in made)
    # What the mirror is compared with is read in the version of the events.
    read = [request for request in writable_stripe.requests if request.path.startswith("/v1/invoices/")]
    assert {request.headers["stripe-version"] for request in read} == {API_VERSION}
    writable_stripe.delete("cus_of_another_project")
    assert is_tidy(writable_stripe)


def is_tidy(stripe):
    """Whether nothing is left at Stripe that could be sold or billed."""
    things = [*stripe.objects("product"), *stripe.objects("price")]
    return things and not stripe.objects("customer") and not any(thing["active"] for thing in things)


def test_a_life_that_ends_early_is_tidied_up_and_what_stays_is_named(writable_stripe):
    writable_stripe.fail("/v1/refunds", 402, body={"error": {"message": "No refunds today.", "type": "card_error"}})
    writable_stripe.fail("/v1/products/", 402, times=None)
    done = demo("--once", "--api-base", writable_stripe.url, STRIPE_SECRET_KEY=KEY)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "The demo ends early; from Stripe: No refunds today."
    assert f"The product {writable_stripe.objects('product')[0]['id']} stays at Stripe" in done.stderr
    assert not writable_stripe.objects("price")[0]["active"]
    assert not writable_stripe.objects("customer")


@pytest.mark.parametrize(
    ("key", "kind"),
    [("rk_live_1234567", "a live key"), ("pk_test_1234567", "no secret test key")],
)
def test_the_demo_refuses_other_keys_before_anything_happens(writable_stripe, key, kind):
    done = demo("--once", "--api-base", writable_stripe.url, STRIPE_SECRET_KEY=key)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"STRIPE_SECRET_KEY is {kind}." in done.stderr
    assert key not in done.stderr
    assert writable_stripe.requests == []
