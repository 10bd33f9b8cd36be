"""The page that draws the path of an event, and its states, held against the code."""

import ast
import importlib
import inspect
import pydoc
import sys
import textwrap
from pathlib import Path

import pytest

from pinax.stripe.models import Event

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "path-of-an-event.md"


@pytest.fixture
def states(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    yield importlib.import_module("states")
    sys.modules.pop("states")


def lines():
    """Depth and name of each line of the drawings with functions; None between two of them."""
    blocks = PAGE.read_text(encoding="utf-8").partition("## In the code")[2].split("```text\n")[1:]
    for block in blocks:
        for line in block.partition("```")[0].splitlines():
            yield None if not line.strip() else ((len(line) - len(line.lstrip())) // 2, line.split()[0])
        yield None


def calls():
    """Name of each caller, with that of what it calls."""
    above = []
    for line in lines():
        if line is None:
            above = []
            continue
        depth, name = line
        above[depth:] = [name]
        if depth:
            yield above[depth - 1], name


NAMES = sorted({line[1] for line in lines() if line})


@pytest.mark.parametrize("name", NAMES)
def test_each_function_that_is_drawn_exists(name):
    assert callable(pydoc.locate(f"pinax.stripe.{name}"))


@pytest.mark.parametrize(("caller", "called"), sorted(set(calls())))
def test_each_function_is_drawn_below_one_that_calls_it(caller, called):
    tree = ast.parse(textwrap.dedent(inspect.getsource(pydoc.locate(f"pinax.stripe.{caller}"))))
    named = {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in ast.walk(tree)}
    assert called.rpartition(".")[2] in named


def test_every_step_of_the_path_is_drawn():
    assert len(NAMES) > 60
    modules = {name.rpartition(".")[0] for name in NAMES}
    assert {"webhooks.recording", "webhooks.validation", "webhooks.mirroring", "webhooks.announcing"} <= modules


def test_the_drawing_of_the_states_is_that_of_the_code(states):
    """`python docs/_ext/states.py` draws it anew."""
    assert states.DRAWING.read_text(encoding="utf-8") == states.drawing()


def test_every_state_is_reached_and_left(states):
    pairs = set(states.transitions())
    assert {after for before, after in pairs if before is not after} == set(states.State)
    assert {before for before, after in pairs if before is not after} == set(states.State)


@pytest.mark.django_db
@pytest.mark.parametrize("valid", [None, True, False])
@pytest.mark.parametrize("processed", [False, True])
@pytest.mark.parametrize("reason", ["", "other_mode", "not_found"])
@pytest.mark.parametrize("failures", [0, 2])
def test_the_states_are_those_that_the_database_computes(states, valid, processed, reason, failures):
    columns = {"valid": valid, "processed": processed, "reason": reason, "failures": failures}
    assert columns.keys() == set(states.DECIDING)
    event = Event.objects.create(**columns)
    event.refresh_from_db()
    assert states.state_of(columns) == event.state
