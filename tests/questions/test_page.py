"""The page of the questions has each of them, and the SQL that it runs."""

import os

import django
import pytest
from django.apps import apps
from django.db import connection

from tests.questions.page import PAGE, QUESTIONS, with_sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
#: Methods of querysets that are no questions about an account.
OTHERS = {"fetch", "for_user", "owed", "connected"}


@pytest.mark.skipif(connection.vendor != "sqlite" or django.VERSION < (6, 1), reason="the page has their SQL")
def test_the_page_has_the_sql_of_each_question():
    """QUESTIONS_PAGE=write has it written anew."""
    text = PAGE.read_text(encoding="utf-8")
    expected = with_sql(text).rstrip() + "\n"
    if os.environ.get("QUESTIONS_PAGE") == "write":
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected


def test_the_page_has_every_question_and_every_method_is_on_it():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in QUESTIONS if f"\n### `{name}`\n" not in text] == []
    on_page = {name.partition("(")[0].rpartition(".")[2] for name in QUESTIONS}
    of_querysets = {
        name
        for model in apps.get_app_config("pinax_stripe").get_models()
        if hasattr(model, "stripe_data")
        for owner in type(model.objects).__mro__ + model.objects._queryset_class.__mro__
        if owner.__module__.startswith("pinax.")
        for name in vars(owner)
        if not name.startswith("_") and name != "get_queryset"
    }
    assert of_querysets - OTHERS == on_page - {"contents", "lifetime"}
