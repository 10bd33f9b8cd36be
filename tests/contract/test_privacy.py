"""No mirrored row keeps a secret, and redaction leaves nothing of a person in any."""

import pytest

from pinax.stripe.catalogue.objects import OBJECT_TYPES

from .privacy import ABOUT_CUSTOMERS, keeps_no_secret, redaction_leaves_nothing_of_a_person, secretive, text_of
from .tables import MODELS, model_of

each_type = pytest.mark.parametrize("name", sorted(MODELS))


@each_type
def test_no_secret_is_kept(specimen, name):
    keeps_no_secret(specimen(name))


@pytest.mark.parametrize("name", sorted(name for name in MODELS if OBJECT_TYPES[name].part))
def test_no_secret_of_a_part_is_kept(specimen, name):
    one = specimen(name)
    part = one.type.part
    entry = {"id": f"{part.object_type}_1", "object": part.object_type}
    one.deliver(one.emit(1, **one.with_parts({**entry, **secretive(OBJECT_TYPES[part.object_type].secrets)})))
    assert "kept-secret" not in text_of(one.row)
    assert "kept-secret" not in text_of(model_of(part.object_type).objects.get())


@pytest.mark.parametrize("name", sorted(MODELS.keys() & ABOUT_CUSTOMERS))
def test_redaction_leaves_nothing_of_a_person(specimen, name):
    redaction_leaves_nothing_of_a_person(specimen, name)
