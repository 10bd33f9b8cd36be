"""The `fake_stripe` fixture; registered with pytest by the package."""

from collections.abc import Iterator

import pytest

from .fake_stripe.stripe import FakeStripe


@pytest.fixture
def fake_stripe(request: pytest.FixtureRequest) -> Iterator[FakeStripe]:
    """A running FakeStripe that the project's settings point to (pytest-django's `settings` undoes it)."""
    settings = request.getfixturevalue("settings")
    with FakeStripe() as stripe:
        for name, value in stripe.settings.items():
            setattr(settings, name, value)
        yield stripe
