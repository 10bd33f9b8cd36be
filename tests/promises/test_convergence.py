"""The mirror converges: whatever happened at Stripe and however the news of it came, every row ends as Stripe's object.

And on the way there no row ever goes back, and every receiver runs once for every event.
"""

import time
from contextlib import contextmanager
from itertools import chain

import pytest
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pinax.stripe import prepared_statements
from pinax.stripe.api import pace
from pinax.stripe.testing import post_event
from tests import databases
from tests.promises.delivery import DELIVERING, Life
from tests.promises.guards import GUARDS
from tests.promises.mirror_check import Wrong, check_converged, check_once
from tests.promises.processes import NEEDS_POSTGRESQL
from tests.promises.shop import receivers
from tests.promises.world import NUMBERS, SLOTS, TOPICS, VERSIONS, LivingStripe, Step, steps_about

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = 1_700_000_000


#: The tests of the guards for which a history is rarely drawn that needs them.
HISTORIES = "tests/sync/test_mirror.py and tests/webhooks/test_batches.py"


def histories(names, slots=SLOTS, chapters=6):
    """Histories made of steps of these names."""
    one = st.builds(Step, st.sampled_from(names), st.integers(0, slots - 1), st.integers(0, NUMBERS - 1))
    # One list would mostly be short; a few of them are long together, and can still shrink.
    return st.tuples(*[st.lists(one, max_size=20)] * chapters).map(lambda lists: [*chain(*lists)])


@st.composite
def topical(draw):
    """Histories of a few topics, with about as many deliveries as there is news."""
    chosen = draw(st.lists(st.sampled_from(sorted(TOPICS)), min_size=1, max_size=3, unique=True))
    names = steps_about(chosen)
    return draw(histories((*names, *DELIVERING * max(1, len(names) // 12)), draw(st.integers(1, SLOTS))))


@contextmanager
def living_stripe(clock_is_right):
    """A Stripe whose clock is believed, or one whose clock is years behind ours."""
    with (
        LivingStripe() as stripe,
        override_settings(
            PINAX_STRIPE_API_BASE=stripe.url,
            PINAX_STRIPE_SECRET_KEY="sk_test_fake",
            PINAX_STRIPE_REQUEST_BUDGET=60,
            PINAX_STRIPE_API_TIMEOUT=30,
        ),
    ):
        stripe.now = int(time.time()) - 30 if clock_is_right else LONG_AGO
        yield stripe


def check(history, clock_is_right, version):
    """Live through a history of an account on a version, and see that all went well."""
    databases.empty()
    client = Client(raise_request_exception=True)
    with living_stripe(clock_is_right) as stripe:
        stripe.api_version = version
        life = Life(stripe, lambda event: post_event(client, event).status_code)
        life.run(history)
        check_converged(life.world)
        check_once(life.world)


@pytest.fixture
def shop(monkeypatch):
    """The receivers are connected, and there is no delay between two attempts."""
    monkeypatch.setattr(pace, "sleep", lambda seconds: None)
    receivers.connect()
    yield
    receivers.disconnect()


def test_every_row_ends_as_stripes_object(shop, by_size, figure):
    count = by_size(quick=30, short=100, long=3000)

    @hypothesis_settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=topical(), clock_is_right=st.booleans(), version=st.sampled_from(VERSIONS))
    def run(history, clock_is_right, version):
        check(history, clock_is_right, version)

    run()
    figure("convergence, one process", "histories", count)


@NEEDS_POSTGRESQL
@pytest.mark.parametrize("how", ["statements_prepared_at_once", "statements_bound_by_server"])
def test_every_row_ends_so_however_statements_are_prepared(shop, request, how, by_size):
    request.getfixturevalue(how)

    @hypothesis_settings(max_examples=by_size(quick=10, short=25, long=1000))
    @given(history=topical(), clock_is_right=st.booleans(), version=st.sampled_from(VERSIONS))
    def run(history, clock_is_right, version):
        check(history, clock_is_right, version)

    run()
    assert prepared_statements.does_not_keep == set()


@pytest.mark.once
@pytest.mark.parametrize("name", GUARDS)
def test_without_any_of_its_guards_the_mirror_does_not_converge(shop, size, figure, name):
    """The histories are such that each guard is needed: with it off, a counterexample is found."""
    guard = GUARDS[name]
    if size != "long" and guard.is_slow:
        pytest.skip(f"takes minutes by chance; {HISTORIES} have a history of it that always fails without")
    lived = []

    @seed(guard.seed)
    @hypothesis_settings(
        max_examples=2000,
        deadline=None,
        derandomize=False,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(history=histories(guard.steps, slots=1), clock_is_right=st.booleans(), version=st.sampled_from(VERSIONS))
    def run(history, clock_is_right, version):
        lived.append(history)
        check(history, clock_is_right, version)

    with guard.off(), pytest.raises(Wrong) as found:
        run()
    figure("convergence, a guard off", name, f"history {len(lived)}: {str(found.value)[:60]}")
