"""Empties the tables between tests, and between the many small runs of one test.

Django's own way asks every table to be truncated, and makes permissions and content types anew: with a hundred tables
that takes longer than most tests.
"""

from functools import cache

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

APPS = ("pinax_stripe", "shop")
#: What `migrate` fills.
FILLED = {"auth_permission", "django_content_type", "django_migrations", "django_site"}


def empty() -> None:
    """Remove every row of this app's and the shop's tables."""
    delete_from([model._meta.db_table for label in APPS for model in apps.get_app_config(label).get_models()])


def empty_all(using: str) -> None:
    """Remove every row but those that `migrate` makes."""
    delete_from(tables_of(using, connections[using].settings_dict["NAME"]), using)


@cache
def tables_of(using: str, name: str) -> list[str]:
    """The tables of the models in a database of this name, but for those that `migrate` fills."""
    tables = connections[using].introspection.django_table_names(only_existing=True, include_views=False)
    return [table for table in tables if table not in FILLED]


def delete_from(tables: list[str], using: str = DEFAULT_DB_ALIAS) -> None:
    """Delete the rows of those tables that have any."""
    connection = connections[using]
    filled = filled_of(connection, tables)
    if not filled:
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Constraints of tables that refer to each other are checked at the end of the transaction.
            cursor.execute("; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in filled))
            return
        for table in filled:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def filled_of(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """Those tables that have rows."""
    asked = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
        for number, table in enumerate(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [tables[number] for (number,) in cursor.fetchall()]
