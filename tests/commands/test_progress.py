"""What a terminal shows of how far a command got."""

from io import StringIO

import pytest

from pinax.stripe.management import progress


class Terminal(StringIO):
    """What Django's commands write to."""

    def isatty(self):
        return True

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
