"""Drop the indexes for LIKE that Django adds on PostgreSQL to those of texts: half of all that an object's row has.

Nothing of ours searches ids by their beginning, and each is written with every new object.
"""

from django.db import migrations

OF_PATTERNS = """
SELECT indexname FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = %s AND indexdef ~ '\\((.*) (varchar|text)_pattern_ops\\)$'
"""


def drop_indexes(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        names = []
        for model in apps.get_app_config("pinax_stripe").get_models():
            cursor.execute(OF_PATTERNS, [model._meta.db_table])
            names += [name for (name,) in cursor.fetchall()]
    for name in names:
        schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def make_indexes(apps, schema_editor):
    """The way back."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for model in apps.get_app_config("pinax_stripe").get_models():
        for field in model._meta.local_fields:
            statement = schema_editor._create_like_index_sql(model, field)
            if statement is not None:
                schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0017_page_indexes"),
    ]

    operations = [migrations.RunPython(drop_indexes, make_indexes)]
