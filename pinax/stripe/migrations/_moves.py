"""Moves the rows of a type of object out of the general table (`OtherObject`), once the type has a table of its own.

Workers of either release may write meanwhile: each batch is a short transaction that locks its rows first. A row is in
one of the two tables at any time, so a migration that was killed goes on where it stopped when it is started again.
Nothing is fetched from Stripe.
"""

from dataclasses import dataclass
from typing import Any

from django.db import migrations, models, transaction

#: Rows of one transaction at most.
BATCH_ROWS = 200


def move_rows(object_type, model_name):
    """An operation that moves the rows of a type of object, such as "dispute", to the table of a model, "Dispute".

    For a migration with `atomic = False`, after the one that creates the table. All that a row knows goes along. The
    columns that only the new table has are read from `stripe_data`: those that the model has in this migration, by what
    reads them now. Parts of an object (its lines) get the rows of its list, if their table is there. A row that the new
    table has already stays, unless the moved one is newer. Backwards, the rows move into the general table again.
    """
    return MoveRows(RowsOfType(object_type, model_name))


class MoveRows(migrations.RunPython):
    """RunPython, unless there is nothing to move: for its sake Django makes the classes of all models anew.

    With fifty tables that takes most of a second, for each type of object.
    """

    def __init__(self, rows):
        super().__init__(rows.move_out, rows.move_back, atomic=False)
        self.rows = rows

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        check_that_it_is_apart(schema_editor)
        if self.rows.are_in_general_table(schema_editor.connection):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def move_rows_left_behind(using):
    """Move the rows that workers of an earlier release wrote to the general table after its migrations; how many.

    One query when there are none.
    """
    from django.apps import apps

    from ..models import OtherObject
    from ..sync.registry import MIRRORED

    names = [name for name, mirrored in MIRRORED.items() if not mirrored.is_general]
    left = OtherObject.all_objects.using(using).filter(object_type__in=names).order_by()
    found = sorted(left.values_list("object_type", flat=True).distinct())
    return sum(RowsOfType(name, MIRRORED[name].model.__name__).move_to_own_table(apps, using) for name in found)


class RowsOfType:
    """The rows of a type of object, whichever of the two tables they are in."""

    def __init__(self, object_type, model_name):
        self.object_type, self.model_name = object_type, model_name

    def are_in_general_table(self, connection):
        """Whether any is there; a database may be without the table, if it is another app's."""
        if "pinax_stripe_otherobject" not in connection.introspection.table_names():
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pinax_stripe_otherobject WHERE object_type = %s LIMIT 1", [self.object_type])
            return cursor.fetchone() is not None

    def move_out(self, apps, schema_editor):
        """Move them from the general table to that of the type."""
        self.move_to_own_table(apps, schema_editor.connection.alias)

    def move_to_own_table(self, apps, using):
        """The same, with the models of some apps, in a database; how many."""
        mirrored = self.mirrored()
        own = apps.get_model("pinax_stripe", self.model_name)
        target = Target(model=own, using=using, mirrored=mirrored, read=mirrored.read)
        target.parts = parts_of(mirrored, apps)
        return move_all(self.general(apps), target)

    def move_back(self, apps, schema_editor):
        """Move them from the table of the type to the general one."""
        from ..models import OtherObject
        from ..sync.registry import READERS

        check_that_it_is_apart(schema_editor)
        general = apps.get_model("pinax_stripe", "OtherObject")
        target = Target(
            model=general,
            using=schema_editor.connection.alias,
            mirrored=self.mirrored(),
            read=READERS[OtherObject],
            prefix=f"{self.object_type}:",
            fixed={"object_type": self.object_type},
        )
        move_all(apps.get_model("pinax_stripe", self.model_name)._base_manager.all(), target)

    def general(self, apps):
        rows = apps.get_model("pinax_stripe", "OtherObject")._base_manager.all()
        return rows.filter(object_type=self.object_type)

    def mirrored(self):
        """How this release mirrors the type; the models of a migration are those of its time."""
        from ..catalogue.objects import object_type
        from ..sync.registry import MIRRORED

        return MIRRORED[object_type(self.object_type).name]


def parts_of(mirrored, apps):
    """The table of an object's parts in this migration; None when it has none, or not yet."""
    if mirrored.part is None:
        return None
    try:
        return apps.get_model("pinax_stripe", mirrored.part.model.__name__)
    except LookupError:
        return None


def check_that_it_is_apart(schema_editor):
    """RuntimeError in a migration that is one transaction."""
    if schema_editor.atomic_migration:
        raise RuntimeError("A migration that moves rows needs `atomic = False`: it would lock all of them at once.")


def move_all(rows, target):
    """Move rows batch by batch, until a look at all of them finds none, for others may write meanwhile; how many."""
    rows, count = rows.using(target.using), 0
    while moved := move_each_once(rows, target):
        count += moved
    return count


def move_each_once(rows, target):
    """Move the rows that are there, in the order of their keys; how many."""
    count, last = 0, ""
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_ROWS]):
        with transaction.atomic(using=target.using):
            batch = locked(rows, keys)
            target.take(batch)
            rows.filter(pk__in=[row.pk for row in batch]).delete()
        count, last = count + len(batch), keys[-1]
    return count


def locked(rows, keys):
    """The rows of these keys, locked until the transaction ends, in one order in every process."""
    wanted = rows.filter(pk__in=keys)
    # SQLite has one lock, which a transaction gets that begins with a write. One that has read before is refused when
    # another process wrote meanwhile.
    wanted.filter(pk=keys[0]).update(version=models.F("version"))
    return list(wanted.select_for_update().order_by("pk"))


@dataclass(kw_only=True)
class Target:
    """The table that rows move to."""

    model: Any
    using: str
    mirrored: Any
    #: Reads the columns that are the table's own.
    read: Any
    #: What stands before the id in a key.
    prefix: str = ""
    #: Columns that are the same in all rows.
    fixed: Any = ()
    #: The table of parts.
    parts: Any = None

    @property
    def rows(self):
        return self.model._base_manager.using(self.using)

    def key(self, row):
        from ..models.mirror import mirror_key

        return mirror_key(f"{self.prefix}{row.stripe_id}", self.account(row))

    def account(self, row):
        """The account in a row's key; of an account that the platform was told of, or that was asked, it is itself."""
        return self.mirrored.account_of(row.stripe_data, row.stripe_account)

    def take(self, batch):
        """Write locked rows of the other table, unless there are newer ones."""
        moved = {self.key(row): row for row in batch}
        write(self.model, self.using, {key: self.values(key, row) for key, row in moved.items()})
        # Those that another process wrote first are among them.
        found = {row.pk: row for row in self.rows.filter(pk__in=moved).select_for_update().order_by("pk")}
        for key, row in moved.items():
            is_newer = replaces(self.mirrored, row, found[key])
            if is_newer:
                # Of the others the moved row says nothing.
                told = attributes(self.model) - self.read.untold(row.stripe_data)
                values = {name: value for name, value in self.values(key, row).items() if name in told}
                self.rows.filter(pk=key).update(**{**values, "version": found[key].version + 1})
            if self.parts is not None and (is_newer or compared(row) == compared(found[key])):
                self.write_parts(key, row)

    def values(self, key, row):
        """The values of a row in this table, by the names of its attributes."""
        from ..models.fields import references_of
        from ..models.mirror import mirror_key

        own = attributes(self.model)
        values = {name: getattr(row, name) for name in attributes(type(row)) & own}
        read = {name: value for name, value in self.read(row.stripe_data).items() if name in own}
        for column in references_of(self.read.model):
            if read.get(column.attname):
                read[column.attname] = mirror_key(read[column.attname], self.account(row))
        return {**values, **read, **dict(self.fixed), "id": key, "stripe_account": self.account(row)}

    def write_parts(self, key, row):
        """Make the rows of an object's parts those of its list; a list that is absent leaves them alone."""
        from ..stripe_values import items
        from ..sync.parts import Owner, part_rows, shown_list
        from ..sync.snapshots import SyncContext

        shown = shown_list(self.mirrored.part, row.stripe_data)
        entries = items(shown)
        if entries is None:
            return
        context = SyncContext(
            as_of=row.as_of, as_of_end=row.as_of_end, account=row.stripe_account, livemode=row.livemode
        )
        owner = Owner(key=key, snapshot=snapshot_of(row), context=context)
        own = attributes(self.parts)
        rows = {
            part_key: {name: value for name, value in new.values.items() if name in own}
            | {"deleted_at": row.deleted_at}
            for part_key, new in part_rows(self.mirrored.part, owner, entries).items()
        }
        write(self.parts, self.using, rows, overwrite=True)
        if not shown.get("has_more"):
            left = self.parts._base_manager.using(self.using).filter(**{self.mirrored.part.owner: key}, deleted_at=None)
            left.exclude(pk__in=rows).update(deleted_at=row.as_of)


def write(model, using, rows, *, overwrite=False):
    """Insert rows, given by their keys; those that are there stay, or are overwritten."""
    from ..statements import Conflict, compile_insertion

    names = tuple(sorted(attributes(model) - {"id"}))
    conflict = Conflict(unique=("id",), overwrites=names) if overwrite else Conflict()
    compile_insertion(model, using, conflict).execute([rows[key] for key in sorted(rows)])


def attributes(model):
    """The names of a model's attributes that are columns."""
    return {column.attname for column in model._meta.concrete_fields}


def compared(row):
    """What tells two states of an object apart."""
    from ..sync.rows import COMPARED

    return {name: getattr(row, name) for name in COMPARED}


def snapshot_of(row):
    """What a row says, as a snapshot that may take the place of another row."""
    from ..sync.snapshots import Snapshot

    # A row does not tell of which moment of its interval it is.
    return Snapshot(
        data=row.stripe_data,
        as_of=row.as_of,
        as_of_end=row.as_of_end,
        deleted=row.deleted_at is not None,
        is_reading=True,
    )


def replaces(mirrored, row, other):
    """Whether a row takes the place of another of the same object; without a question to Stripe about ties."""
    from ..models import OtherObject
    from ..sync.freshness import APPLY, FETCH, decide, wins_tie

    if compared(row) == compared(other):
        return False
    # Models of a migration have columns, and nothing besides.
    present, snapshot = OtherObject(**compared(other)), snapshot_of(row)
    decision = decide(mirrored, present, snapshot)
    return decision is APPLY or (decision is FETCH and wins_tie(present, snapshot))
