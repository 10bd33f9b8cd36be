"""What a terminal shows of how far a command got."""

import io
import sys
from contextlib import nullcontext
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper

from pinax.stripe.management import progress
from pinax.stripe.management.commands import stripe_sync


class Terminal(StringIO):
    """What Django's commands write to."""

    def isatty(self):
        return True

    def write(self, text, ending="\n"):
        return super().write(text + ending)


class Plain(StringIO):
    """The same for a file."""

    def write(self, text, ending="\n"):
        return super().write(text + ending)


@pytest.mark.parametrize(
    ("done", "seconds", "said"),
    [
        (100, 2, "50/s, 0:00:58 left"),
        (1, 4, "0.2/s, 3:19:56 left"),
        (3000, 3, "1000/s, 0:00:00 left"),
        (5, 0, ""),
    ],
)
def test_rate_and_rest(done, seconds, said):
    assert progress.rate_and_rest(done, 3000, seconds).strip() == said


def test_a_terminal_shows_a_bar_with_the_rate_and_the_rest(monkeypatch):
    moments = iter([10.0, 12.0, 14.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    terminal = Terminal()
    assert [*progress.progress("ab", total=2, stream=terminal)] == ["a", "b"]
    shown = [line.rstrip() for line in terminal.getvalue().split("\r")[1:]]
    assert shown == [f"[{'#' * 15}{'.' * 15}] 1/2  0.5/s, 0:00:02 left", f"[{'#' * 30}] 2/2  0.5/s, 0:00:00 left"]


def test_nothing_is_drawn_elsewhere():
    stream = StringIO()
    assert [*progress.progress("ab", total=2, stream=stream)] == ["a", "b"]
    assert stream.getvalue() == ""


def test_a_line_now_and_then_is_written_where_there_is_no_terminal(monkeypatch):
    moments = iter([0.0, 5.0, 10.0, 12.0, 25.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    stream = Plain()
    with progress.progress_bar(total=4, stream=stream) as show:
        for number in range(1, 5):
            show(number, f"{number} of 4  ")
    assert stream.getvalue() == "2 of 4\n4 of 4\n"


def test_nothing_is_shown_to_those_who_want_no_words():
    terminal = Terminal()
    with progress.progress_bar(total=4, stream=terminal, is_quiet=True) as show:
        show(1, "1 of 4")
    assert terminal.getvalue() == ""


def test_rich_draws_the_bar_on_a_real_terminal(monkeypatch):
    pytest.importorskip("rich")
    file = io.StringIO()
    monkeypatch.setattr(sys, "stdout", file)
    stream = OutputWrapper(file)
    monkeypatch.setattr(file, "isatty", lambda: True, raising=False)
    with progress.progress_bar(total=4, stream=stream) as show:
        show(2, "2 of 4, 7/s")
    assert "50%" in file.getvalue()
    assert "2 of 4, 7/s" in file.getvalue()


def test_a_backfill_says_how_many_lists_are_read(fake_stripe, db, monkeypatch):
    said = []
    monkeypatch.setattr(
        stripe_sync, "progress_bar", lambda **options: nullcontext(lambda done, text: said.append(text))
    )
    fake_stripe.create("customer", silent=True)
    call_command("stripe_sync", "customer", "charge", stdout=StringIO(), threads=1)
    assert said[-1].endswith("/s, 3 of 3 lists")  # Nothing is left. Objects with a test clock have a list of their own.
    assert "customer: 1 read, 1 in all" in said[0]
