"""The sentences beside reasons."""

import ast
import re
from pathlib import Path

import pinax.stripe.conf
from pinax.stripe.catalogue.details import COMPLETE, DETAILS, Detail, detail_from

ROOT = Path(pinax.stripe.conf.__file__).parent


def calls():
    """The arguments of every `Detail(…)` in the package: codes, and names of the values."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Detail":
                code, *values = node.args
                codes = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
                names = {key.value for value in values if isinstance(value, ast.Dict) for key in value.keys}
                yield [getattr(each, "value", "") for each in codes], names, path


def test_every_detail_is_said_somewhere_with_the_values_of_its_sentence():
    said = {}
    for codes, names, path in calls():
        if path.name != "details.py":
            for code in codes:
                assert set(re.findall(r"%\((\w+)\)s", DETAILS[code])) == names, (code, path)
                said[code] = path
    assert said.keys() == DETAILS.keys()
    assert set(DETAILS) >= COMPLETE


def test_a_detail_is_read_as_it_was_stored():
    detail = Detail("body_is_incomplete", {"received": 3, "declared": 10})
    assert detail_from(detail.stored()) == detail
    assert str(detail) == "3 of 10 bytes arrived."
