"""Empties the tables between the many small runs of one test."""

from django.apps import apps
from django.db import connection

APPS = ("pinax_stripe", "shop")


def empty() -> None:
    """Remove every row of this app's and the shop's tables."""
    tables = [model._meta.db_table for label in APPS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = ", ".join(connection.ops.quote_name(table) for table in tables)
            cursor.execute(f"TRUNCATE {names}")
            return
        with connection.constraint_checks_disabled():
            for table in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
