"""The catalogue of event types against the installed SDK, the original documentation, and what a reader needs."""

import re
import struct
from importlib.metadata import version
from typing import get_args

import pytest
import stripe
from django.utils import translation
from django.utils.functional import Promise

from pinax.stripe.catalogue.event_types import EVENT_TYPES, describe
from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.webhooks.handlers import HANDLERS

#: The first release of the SDK whose list of types is the catalogue's.
NEWEST_SDK = (16, 1)
INSTALLED_SDK = tuple(int(part) for part in version("stripe").split(".")[:2])

LEGACY_CURRENT = set(
    """
    account.application.deauthorized
    account.external_account.created account.external_account.deleted account.external_account.updated
    account.updated
    application_fee.created application_fee.refund.updated application_fee.refunded
    balance.available
    charge.captured charge.failed charge.refunded charge.succeeded charge.updated
    charge.dispute.closed charge.dispute.created charge.dispute.funds_reinstated charge.dispute.funds_withdrawn
    charge.dispute.updated
    coupon.created coupon.deleted coupon.updated
    customer.created customer.deleted customer.updated
    customer.discount.created customer.discount.deleted customer.discount.updated
    customer.source.created customer.source.deleted customer.source.updated
    customer.subscription.created customer.subscription.deleted customer.subscription.trial_will_end
    customer.subscription.updated
    invoice.created invoice.payment_failed invoice.payment_succeeded invoice.updated
    invoiceitem.created invoiceitem.deleted
    plan.created plan.deleted plan.updated
    product.created product.updated
    transfer.created transfer.reversed transfer.updated
    """.split()  # noqa: SIM905  a list of 49 lines is no easier to read
)
LEGACY_GONE = set(
    """
    bitcoin.receiver.created bitcoin.receiver.filled bitcoin.receiver.updated bitcoin.receiver.transaction.created
    invoiceitem.updated
    order.created order.payment_failed order.payment_succeeded order.updated
    ping
    recipient.created recipient.deleted recipient.updated
    sku.created sku.updated
    transfer.failed transfer.paid
    """.split()  # noqa: SIM905
)

names = pytest.mark.parametrize("name", sorted(EVENT_TYPES))


def current():
    return {name for name, event_type in EVENT_TYPES.items() if event_type.current}


def sdk_types():
    """Every snapshot type of the installed SDK. `Event.type` is a Literal of them from 12 to 16."""
    return set(get_args(stripe.Event.__annotations__["type"]))


def test_the_sdk_lists_its_types_where_the_next_tests_look():
    assert len(sdk_types()) > 240
    assert {"invoice.paid", "customer.subscription.updated"} <= sdk_types()


def test_every_type_of_the_installed_sdk_is_in_the_catalogue():
    assert sdk_types() - current() == set(), "Stripe has new types: give them rows in event_types.py"


@pytest.mark.skipif(INSTALLED_SDK < NEWEST_SDK, reason="an older SDK does not know the newest types yet")
def test_no_current_type_is_missing_from_the_newest_sdk():
    assert current() - sdk_types() == set(), "Stripe dropped types: move their rows to what is gone"


def test_the_types_of_the_original_documentation_are_all_here():
    legacy = {name for name, event_type in EVENT_TYPES.items() if event_type.legacy}
    assert legacy == LEGACY_CURRENT | LEGACY_GONE
    assert len(legacy) == 66


def test_exactly_17_types_are_gone_and_all_of_them_are_of_the_original_documentation():
    assert EVENT_TYPES.keys() - current() == LEGACY_GONE
    assert len(LEGACY_GONE) == 17


def named_by(beginning):
    """Types of objects that say that their events begin so."""
    return {row.name for row in OBJECT_TYPES.values() if beginning in row.events}


@names
def test_the_objects_of_a_type_are_those_that_name_its_beginning(name):
    """The table of object types says it from the other side: which object names a beginning, or is named so."""
    prefix = name.rpartition(".")[0]
    object_types = EVENT_TYPES[name].object_types
    assert set(object_types) == (named_by(name) or named_by(prefix) or {prefix} & OBJECT_TYPES.keys())
    assert len(set(object_types)) == len(object_types)


def test_the_catalogue_is_sorted_and_each_row_is_under_its_own_name():
    assert list(EVENT_TYPES) == sorted(EVENT_TYPES)
    assert all(name == event_type.name for name, event_type in EVENT_TYPES.items())


@names
def test_a_description_is_one_sentence_of_its_own(name):
    sentence = describe(name)
    assert re.fullmatch(r"[A-Z].*[^.!?]\.", sentence)
    assert not re.search(r"[.!?]\s|\s\s", sentence), "more than one sentence, or a gap"
    assert len(sentence) <= 160
    assert not sentence.startswith("Tells of")


def test_no_two_types_share_a_description():
    assert len({describe(name) for name in EVENT_TYPES}) == len(EVENT_TYPES)


def test_descriptions_mention_only_types_that_exist_and_not_themselves():
    mentioned = {name: set(re.findall(r"\b[a-z_]+(?:\.[a-z_]+)+\b", describe(name))) for name in EVENT_TYPES}
    assert {name: others for name, others in mentioned.items() if not others <= EVENT_TYPES.keys() - {name}} == {}
    assert mentioned["payout.paid"] == {"payout.failed"}


def test_a_type_newer_than_this_release_has_no_description():
    assert describe("invoice.teleported") == ""


@pytest.fixture
def german(tmp_path, settings):
    """A German catalog in which one sentence is translated; gives the translation."""
    settled = "Eine Rechnung ist beglichen."
    with translation.override("en"):
        original = describe("invoice.paid")
    path = tmp_path / "de" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled_messages({"": "Content-Type: text/plain; charset=UTF-8\n", original: settled}))
    settings.LOCALE_PATHS = [str(tmp_path)]
    return settled


def compiled_messages(translations):
    """A GNU .mo file."""
    originals, translated = zip(*sorted(translations.items()), strict=True)
    texts = [text.encode() for text in (*originals, *translated)]
    tables, offset = b"", 28 + 8 * len(texts)
    for text in texts:
        tables += struct.pack("<2I", len(text), offset)
        offset += len(text) + 1
    header = struct.pack("<7I", 0x950412DE, 0, len(originals), 28, 28 + 8 * len(originals), 0, 0)
    return header + tables + b"".join(text + b"\0" for text in texts)


def test_descriptions_are_told_in_the_active_language(german):
    with translation.override("de"):
        translated = describe("invoice.paid")
    with translation.override("en"):
        original = describe("invoice.paid")
    assert translated == german
    assert original.startswith("An invoice is settled")
    assert type(translated) is type(original) is str


def test_descriptions_are_translated_when_they_are_shown():
    """Else importing the models would translate, before the apps are ready to."""
    assert all(isinstance(event_type.description, Promise) for event_type in EVENT_TYPES.values())


def test_handlers_made_from_the_catalogue_have_docstrings():
    for name in EVENT_TYPES:
        doc = HANDLERS[name].__doc__
        assert type(doc) is str
        assert name in doc
