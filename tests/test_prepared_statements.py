"""Statements that come again are prepared, and wherever that does not hold they are executed as they are."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.utils import timezone

from pinax.stripe import prepared_statements
from pinax.stripe.models import Customer, Event
from pinax.stripe.prepared_statements import Statement, execute, numbered
from tests import costs
from tests.promises.processes import NEEDS_POSTGRESQL

INSERTION = "INSERT INTO auth_group (name) VALUES (%s) RETURNING name"


def run(text, *parameters):
    """Execute a statement; the rows that it returns."""
    with connection.cursor() as cursor:
        execute(cursor, [Statement(using="default", text=text, parameters=[*parameters])])
        return cursor.fetchall()


def names():
    return [*Group.objects.order_by("name").values_list("name", flat=True)]


def sent(action):
    """The first words of the statements that a call sends."""
    return [statement.split()[0] for statement in costs.statements(action)]


@pytest.mark.parametrize(
    ("text", "with_numbers"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT %s, %s", "SELECT $1, $2"),
        ("SELECT 'a%%' || %s WHERE '%%s' = %s", "SELECT 'a%' || $1 WHERE '%s' = $2"),
    ],
)
def test_parameters_have_numbers_and_percent_signs_are_themselves(text, with_numbers):
    assert numbered(text) == with_numbers


@pytest.mark.django_db(transaction=True)
def test_sqlite_is_not_asked_to_prepare_anything(monkeypatch):
    if connection.vendor == "postgresql":
        pytest.skip("about other databases")
    monkeypatch.setattr(prepared_statements, "EXECUTIONS", 1)
    assert sent(lambda: run(INSERTION, "a")) == ["INSERT"]


@NEEDS_POSTGRESQL
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgreSQL:
    @pytest.fixture(autouse=True)
    def prepared(self, statements_prepared_at_once):
        """Every statement is prepared before it is executed for the first time."""

    def test_a_statement_is_prepared_once_for_a_connection(self):
        assert sent(lambda: run(INSERTION, "a")) == ["PREPARE", "EXECUTE"]
        assert sent(lambda: run(INSERTION, "b")) == ["EXECUTE"]
        connection.close()
        assert sent(lambda: run(INSERTION, "c")) == ["PREPARE", "EXECUTE"]
        assert names() == ["a", "b", "c"]

    def test_a_statement_is_prepared_when_it_comes_for_the_fifth_time(self, monkeypatch):
        monkeypatch.undo()
        monkeypatch.setattr(prepared_statements, "EXECUTIONS", 5)
        several = sent(lambda: [run(INSERTION, str(number)) for number in range(6)])
        assert several == ["INSERT"] * 4 + ["PREPARE", "EXECUTE", "EXECUTE"]

    def test_an_event_costs_no_more_statements_once_they_are_prepared(self, client, fake_stripe):
        for number in range(3):
            fake_stripe.create("customer", id=f"cus_{number}")
        first, second, third = (costs.cost_of_posting(client, fake_stripe, event) for event in fake_stripe.events)
        assert [statement.split()[0] for statement in first.statements] == ["PREPARE", "EXECUTE"] * 2
        for cost in (second, third):
            assert ([statement.split()[0] for statement in cost.statements], cost.commits) == (["EXECUTE"] * 2, 2)
        assert (Customer.objects.count(), Event.objects.filter(state="done").count()) == (3, 3)

    def test_the_name_of_a_statement_says_what_it_does(self):
        run(INSERTION, "a")
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, statement FROM pg_prepared_statements WHERE from_sql")
            ((name, text),) = cursor.fetchall()
        assert name.startswith("pinax_stripe_insert_")
        assert INSERTION.replace("%s", "$1") in text

    def test_nothing_is_prepared_in_a_transaction(self):
        with transaction.atomic():
            assert sent(lambda: run(INSERTION, "a")) == ["INSERT"]
        run(INSERTION, "b")
        with transaction.atomic():
            assert sent(lambda: run(INSERTION, "c")) == ["INSERT"]

    def test_nothing_is_prepared_where_a_project_says_that_a_pooler_is_between(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
        assert sent(lambda: run(INSERTION, "a")) == ["INSERT"]

    def test_a_statement_that_the_connection_has_no_more_is_executed_as_it_is(self, caplog):
        run(INSERTION, "a")
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")  # As a pooler does it, which gives us another of its connections.
        assert run(INSERTION, "b") == [("b",)]
        assert caplog.messages == ["preparing ended database=default sqlstate=26000"]
        assert sent(lambda: run(INSERTION, "c")) == ["INSERT"]
        assert names() == ["a", "b", "c"]

    def test_a_statement_that_another_process_has_prepared_there_is_executed_as_it_is(self, caplog):
        run(INSERTION, "a")
        prepared_statements.known_of.clear()  # As for a process that a pooler gives the connection of another one.
        assert run(INSERTION, "b") == [("b",)]
        assert caplog.messages == ["preparing ended database=default sqlstate=42P05"]
        assert names() == ["a", "b"]

    def test_a_statement_of_several_that_is_not_there_leaves_none_of_them(self):
        both = [Statement(using="default", text=INSERTION, parameters=[name]) for name in ("a", "b")]
        both[1] = Statement(using="default", text=f"{INSERTION}, id", parameters=["b"])
        run(both[0].text, "x")
        run(both[1].text, "y")
        with connection.cursor() as cursor:
            cursor.execute(f"DEALLOCATE {prepared_statements.name_of(prepared_statements.key_of(both[1]))}")
            execute(cursor, both)
        assert names() == ["a", "b", "x", "y"]

    def test_a_column_whose_type_a_migration_changes_has_the_statement_executed_as_it_is(self, caplog):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE thing (name varchar(9))")
        text = "INSERT INTO thing (name) VALUES (%s) RETURNING name"
        run(text, "a")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE thing ALTER name TYPE text")
        assert run(text, "b") == [("b",)]
        assert caplog.messages == []
        assert sent(lambda: run(text, "c")) == ["INSERT"]
        assert sent(lambda: run("SELECT count(*) FROM thing")) == ["PREPARE", "EXECUTE"]

    def test_a_statement_that_postgresql_cannot_prepare_is_executed_as_it_is_and_tried_once(self, caplog):
        text, now = "SELECT %s - %s", timezone.now()
        assert run(text, now, now) == [(datetime.timedelta(),)]
        assert sent(lambda: run(text, now, now)) == ["SELECT"]
        assert [message.split(" name=")[0] for message in caplog.messages] == ["statement unprepared"]
        assert sent(lambda: run(INSERTION, "a")) == ["PREPARE", "EXECUTE"]

    def test_an_error_of_a_prepared_statement_is_raised(self):
        run(INSERTION, "a")
        with pytest.raises(ProgrammingError, match="no_such_table"):
            run("SELECT 1 FROM no_such_table")
        with pytest.raises(IntegrityError, match="duplicate key"):
            run(INSERTION, "a")

    def test_the_statement_that_was_not_used_for_longest_makes_room(self, monkeypatch):
        monkeypatch.setattr(prepared_statements, "MOST_PREPARED", 2)
        one, two, three = (f"SELECT {number}" for number in range(3))
        assert sent(lambda: [run(text) for text in (one, two, one)]) == ["PREPARE", "EXECUTE"] * 2 + ["EXECUTE"]
        assert sent(lambda: run(three)) == ["DEALLOCATE", "PREPARE", "EXECUTE"]
        assert sent(lambda: run(one)) == ["EXECUTE"]
        assert sent(lambda: run(two)) == ["DEALLOCATE", "PREPARE", "EXECUTE"]

    def test_a_number_is_not_rounded_to_what_an_earlier_one_was(self):
        text = "SELECT %s * 2"
        assert run(text, 2) == [(4,)]
        assert run(text, 1.5) == [(3,)]

    def test_nothing_is_prepared_in_a_transaction_that_django_does_not_know_of(self):
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            assert sent(lambda: run(INSERTION, "a")) == ["INSERT"]
            cursor.execute("COMMIT")
        assert sent(lambda: run(INSERTION, "b")) == ["PREPARE", "EXECUTE"]

    def test_a_connection_counts_no_more_than_so_many(self, monkeypatch):
        monkeypatch.setattr(prepared_statements, "EXECUTIONS", 9)
        monkeypatch.setattr(prepared_statements, "MOST_COUNTED", 3)
        for number in range(7):
            run(f"SELECT {number}")
        known = prepared_statements.known_of[connection.connection]
        assert len(known.executions) == 1
