"""Both ways to write what is plainly newer do the same, and only what `freshness` calls plainly newer."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pinax.stripe import statements
from pinax.stripe.models import Coupon, Customer, Subscription
from pinax.stripe.sync import row_writers
from pinax.stripe.sync.freshness import APPLY, decide, is_plainly_newer
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.sync.snapshots import Snapshot, SyncContext
from pinax.stripe.testing import build_object

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
WRITERS = [row_writers.write_in_one_statement, row_writers.write_after_locking]
MODELS = {"coupon": Coupon, "customer": Customer, "subscription": Subscription}


def at(second):
    return START + datetime.timedelta(seconds=second)


def snapshot_of(kind, second, **attributes):
    moment = at(second)
    return Snapshot(data=build_object(kind, id="id_1", **attributes), as_of=moment, as_of_end=moment)


def write(writer, kind, second, **attributes):
    return writer(MIRRORED[kind], "id_1", snapshot_of(kind, second, **attributes), SyncContext(as_of=at(second)))


def has_queries(writer, count, *args, **attributes):
    with CaptureQueriesContext(connection) as queries:
        result = write(writer, *args, **attributes)
    assert len(queries) == count
    return result


@pytest.mark.django_db
@pytest.mark.parametrize(("writer", "queries"), [(WRITERS[0], 1), (WRITERS[1], 2)])
def test_a_version_is_returned_for_what_was_written_and_for_nothing_else(writer, queries):
    assert has_queries(writer, queries, "customer", 1, name="Ada") == 1
    assert has_queries(writer, queries, "customer", 3, name="Ada Lovelace") == 2
    assert write(writer, "customer", 3, name="of the same second") is None
    assert write(writer, "customer", 2, name="old news") is None
    assert list(Customer.objects.values_list("name", "version", "as_of")) == [("Ada Lovelace", 2, at(3))]


@pytest.mark.django_db
@pytest.mark.parametrize("writer", WRITERS)
def test_what_no_object_says_stays(writer):
    write(writer, "customer", 1)
    user = get_user_model().objects.create(username="ada")
    Customer.objects.update(user=user)
    assert write(writer, "customer", 2, name="Ada") == 2
    assert Customer.objects.get().user == user


class PlainlyNewer(TestCase):
    @given(
        kind=st.sampled_from(sorted(MODELS)),
        writer=st.sampled_from(WRITERS),
        row=st.tuples(st.integers(0, 4), st.integers(0, 2), st.booleans()),
        second=st.integers(0, 7),
    )
    def test_a_writer_writes_what_is_plainly_newer_and_nothing_else(self, kind, writer, row, second):
        begin, length, is_deleted = row
        write(writer, kind, begin)
        times = {"as_of": at(begin), "as_of_end": at(begin + length)}
        MODELS[kind].all_objects.update(**times, deleted_at=at(begin) if is_deleted else None)
        before = MODELS[kind].all_objects.get()
        is_newer = is_plainly_newer(MIRRORED[kind], before, snapshot_of(kind, second))
        assert write(writer, kind, second) == (2 if is_newer else None)
        after = MODELS[kind].all_objects.get()
        assert (after.as_of, after.is_deleted) == ((at(second), False) if is_newer else (at(begin), is_deleted))
        assert not is_newer or decide(MIRRORED[kind], before, snapshot_of(kind, second)) is APPLY
        MODELS[kind].all_objects.all().delete()


def test_what_is_deleted_is_never_plain():
    snapshot = Snapshot(data={"id": "id_1"}, as_of=at(9), as_of_end=at(9), deleted=True)
    assert not is_plainly_newer(MIRRORED["coupon"], Coupon(as_of=at(1), as_of_end=at(1)), snapshot)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["coupon", "subscription"])
def test_the_statement_comes_from_the_columns_of_the_model(kind):
    table = MODELS[kind]._meta.db_table
    with CaptureQueriesContext(connection) as queries:
        write(row_writers.write_in_one_statement, kind, 1)
    columns = [column.column for column in MODELS[kind]._meta.concrete_fields]
    overwritten = [column for column in columns if column not in ("id", "version")]
    insert, _, update = queries[0]["sql"].partition(" ON CONFLICT")
    listed = ", ".join(map(quoted, columns))
    rows = (
        f' SELECT {listed} FROM jsonb_populate_recordset(NULL::"{table}", '
        if connection.vendor == "postgresql"
        else " VALUES ("
    )
    assert insert.startswith(f'INSERT INTO "{table}" ({listed}){rows}')
    sets, _, condition = update.removeprefix('("id") DO UPDATE SET ').partition(" WHERE ")
    *read, counted = sets.split(", ")
    assert sorted(read) == sorted(f"{quoted(column)} = EXCLUDED.{quoted(column)}" for column in overwritten)
    assert counted == f'"version" = "{table}"."version" + 1'
    is_final = f' AND "{table}"."deleted_at" IS NULL' if kind == "subscription" else ""
    assert condition == f'"{table}"."as_of_end" < EXCLUDED."as_of"{is_final} RETURNING "version"'


def quoted(name):
    return f'"{name}"'


@pytest.mark.django_db
def test_a_statement_is_compiled_once_and_anew_after_settings_were_overridden(settings, monkeypatch):
    compilations = []
    real = statements.compile_insertion
    monkeypatch.setattr(row_writers, "compile_insertion", lambda *args: (compilations.append(args), real(*args))[1])
    statements.forget_compiled()
    for second in range(1, 4):
        write(row_writers.write_in_one_statement, "coupon", second)
    assert len(compilations) == 1
    settings.TIME_ZONE = "Europe/Berlin"
    write(row_writers.write_in_one_statement, "coupon", 4)
    assert len(compilations) == 2


@pytest.mark.django_db
def test_a_database_without_such_a_statement_locks_the_row(monkeypatch):
    assert row_writers.row_writer("default") is row_writers.write_in_one_statement
    monkeypatch.setattr(connection.features, "supports_update_conflicts_with_target", False)
    assert row_writers.row_writer("default") is row_writers.write_after_locking
