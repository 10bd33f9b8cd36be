"""Files and their links: a file shows its links whole, and a link has no events at all."""

import datetime

import pytest

from pinax.stripe.models import File, FileLink
from pinax.stripe.testing import build_object

from .delivery import deliver

NOON = datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.timezone.utc)


def test_the_links_that_a_file_shows_are_rows(client, stripe):
    link = build_object("file_link", id="link_1", file="file_1", url="https://files.stripe.com/links/secret")
    links = {"object": "list", "data": [link], "has_more": False, "url": "/v1/file_links?file=file_1"}
    stripe.create("file", id="file_1", filename="proof.pdf", links=links)
    deliver(client, stripe)
    assert list(File.objects.get().links.all()) == [FileLink.objects.get()]
    assert "secret" not in str(FileLink.objects.get().stripe_data) + str(File.objects.get().stripe_data)


@pytest.mark.parametrize(
    ("columns", "is_open"),
    [
        ({}, True),
        ({"expired": True}, False),
        ({"expires_at": NOON}, False),
        ({"expires_at": NOON + datetime.timedelta(seconds=1)}, True),
        ({"deleted_at": NOON}, False),
    ],
)
def test_a_link_is_open_until_it_expires(columns, is_open):
    assert FileLink(**columns).is_open(NOON) is is_open
