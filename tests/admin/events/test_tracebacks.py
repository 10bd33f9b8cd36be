"""Tracebacks show the project's own frames, and fold those of libraries."""

import json
import traceback

from pinax.stripe.admin.events.tracebacks import parts


def broken():
    json.loads("{")


def caught():
    try:
        broken()
    except ValueError as error:
        return "".join(traceback.format_exception(error))
    raise AssertionError


def test_own_frames_and_those_of_libraries_are_told_apart():
    found = parts(caught())
    assert [part.kind for part in found] == ["text", "own", "library", "text"]
    own, library = found[1], found[2]
    assert ["in caught" in own.text, "in broken" in own.text, "json.loads" in own.text] == [True, True, True]
    assert len(library.frames) >= 3
    assert found[3].text.startswith("json.decoder.JSONDecodeError")


def test_nothing_of_a_traceback_is_lost():
    text = caught()
    assert "\n".join(part.text for part in parts(text)) == text.rstrip("\n")


def test_chained_exceptions_and_groups_are_kept_as_they_are():
    text = (
        "Traceback (most recent call last):\n"
        '  File "/srv/shop/a.py", line 1, in f\n'
        "    g()\n"
        "ValueError: one\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
        "\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/venv/lib/python3.13/site-packages/x.py", line 2, in h\n'
        "    i()\n"
        "    ~^^\n"
        "  [Previous line repeated 9 more times]\n"
        "KeyError: 'two'\n"
        "with a second line\n"
    )
    found = parts(text)
    assert [part.kind for part in found] == ["text", "own", "text", "library", "text"]
    assert "\n".join(part.text for part in found) == text.rstrip("\n")


def test_what_is_no_traceback_is_shown():
    assert [(part.kind, part.text) for part in parts("boom")] == [("text", "boom")]
    assert parts("") == []


def test_secrets_in_a_traceback_are_masked():
    assert "AbCdEf" not in parts('  File "a.py", line 1, in f\n    key="sk_live_51AbCdEf"')[0].text
