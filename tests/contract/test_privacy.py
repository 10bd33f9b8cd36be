"""No mirrored row keeps a secret, and redaction leaves nothing of a person in any."""

import pytest

from pinax.stripe.catalogue.objects import ROWS_BY_NAME

from .privacy import ABOUT_CUSTOMERS, keeps_no_secret, redaction_leaves_nothing_of_a_person, secretive, text_of
from .tables import MODELS, model_of

each_type = pytest.mark.parametrize("name", sorted(MODELS))


@each_type
def test_no_secret_is_kept(specimen, name):
    keeps_no_secret(specimen(name))


def test_no_secret_of_a_card_that_an_account_is_paid_to_is_kept(specimen):
    keeps_no_secret(specimen("external_account", object="card"))


@pytest.mark.parametrize("name", sorted(name for name in MODELS if ROWS_BY_NAME[name].part))
def test_no_secret_of_a_part_is_kept(specimen, name):
    one = specimen(name)
    part = one.type.part
    entry = {"id": f"{part.object_type}_1", "object": part.object_type}
    one.deliver(one.emit(1, **one.with_parts({**entry, **secretive(ROWS_BY_NAME[part.object_type].secrets)})))
    assert "kept-secret" not in text_of(one.row)
    assert "kept-secret" not in text_of(model_of(part.object_type).objects.get())


@pytest.mark.sampled
@pytest.mark.parametrize("name", sorted(MODELS.keys() & ABOUT_CUSTOMERS))
def test_redaction_leaves_nothing_of_a_person(specimen, name):
    redaction_leaves_nothing_of_a_person(specimen, name)
