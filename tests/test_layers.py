"""Imports point down only."""

import ast
from pathlib import Path

import pytest

import pinax.stripe.conf

ROOT = Path(pinax.stripe.conf.__file__).parent
#: Lowest first; a module may import from its own layer and from those before it.
LAYERS = [
    {"conf", "catalogue", "stripe_values", "currencies", "exceptions", "signals"},
    {"models"},
    {"api"},
    {"sync"},
    {"actions"},
    {"webhooks"},
    {"views"},
    {"addresses"},
    {"upkeep"},
    {
        "urls",
        "admin",
        "templatetags",
        "management",
        "checks",
        "tasks",
        "testing",
        "apps",
        "contrib",
        "unconnected",
    },
]
#: What handles events.
INBOUND = {"models", "sync", "webhooks", "views.py", "tasks.py"}
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = [path for path in sorted(ROOT.rglob("*.py")) if "migrations" not in path.parts]


def imported(path):
    """Names of the package's own top-level modules that a module imports."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - (node.level - 1)]
            target = (*base, *(node.module or "").split(".")) if node.module else base
            yield from [target[0]] if target else [alias.name for alias in node.names]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_only(path):
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for name in imported(path):
        if name != "__version__":
            assert LEVELS[name] <= LEVELS[own], f"{own} imports {name}"


def inbound_modules():
    return [path for path in MODULES if path.relative_to(ROOT).parts[0] in INBOUND]


def test_nothing_that_handles_events_can_reach_an_action():
    """Followed through every module that is imported on the way; only the URLs bring both kinds together."""
    todo = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in inbound_modules()}
    reached = set()
    while todo:
        name = todo.pop()
        reached.add(name)
        modules = [path for path in MODULES if path.relative_to(ROOT).parts[0].removesuffix(".py") == name]
        todo |= {found for path in modules for found in imported(path)} - reached
    assert "sync" in reached
    assert "actions" not in reached


@pytest.mark.parametrize("path", inbound_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_handles_events_writes_to_stripe(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    used |= {
        f"api.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("api")
        for alias in node.names
    }
    assert not used & {"api.post", "api.delete", "api.call", "api.call_once", "api.client"}


def test_only_one_module_imports_the_sdk():
    users = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import) and any(alias.name == "stripe" for alias in node.names)
    ]
    assert users == ["api.py"]
