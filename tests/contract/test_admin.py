"""Staff can open the list and the page of every mirrored object."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from pinax.stripe.catalogue.objects import ROWS_BY_NAME

from .columns import COLUMNS
from .oracle import sample
from .tables import MODELS, model_of


@pytest.mark.parametrize("name", sorted(MODELS))
def test_list_and_pages_of_an_object_open(specimen, admin_client, name):
    one = specimen(name)
    one.deliver(one.emit(1))
    full, gone = specimen(name), specimen(name)
    full.deliver(full.emit(2, **sample(COLUMNS[name], 0)))
    gone.deliver(gone.emit(3, deleted=True))
    options = model_of(name)._meta
    listed = admin_client.get(reverse(f"admin:pinax_stripe_{options.model_name}_changelist"))
    assert listed.status_code == 200
    for each in (one, full, gone):
        page = reverse(f"admin:pinax_stripe_{options.model_name}_change", args=[quote(each.key)])
        assert admin_client.get(page).status_code == 200


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_page_of_an_object_says_in_one_line_what_it_is_and_what_comes_next(specimen, admin_client, name):
    one = specimen(name)
    one.deliver(one.emit(1))
    assert line_of(admin_client, one.row)
    one.deliver(one.emit(2, deleted=True))
    assert line_of(admin_client, one.row)


def line_of(client, row):
    """The line at the top of the page of a row."""
    page = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quote(row.pk)])
    return client.get(page).context["page"].summary


@pytest.mark.parametrize("name", sorted(name for name in MODELS if ROWS_BY_NAME[name].part))
def test_list_and_page_of_a_part_open(specimen, admin_client, name):
    one = specimen(name)
    part = one.type.part
    entry = {**sample(COLUMNS[part.object_type], 0), "id": f"{part.object_type}_1", "object": part.object_type}
    one.deliver(one.emit(1, **one.with_parts(entry)))
    row = model_of(part.object_type).objects.get()
    assert line_of(admin_client, row)
    assert admin_client.get(reverse(f"admin:pinax_stripe_{row._meta.model_name}_changelist")).status_code == 200
    page = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quote(row.pk)])
    assert admin_client.get(page).status_code == 200
