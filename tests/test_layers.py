"""Imports point down only, between the rooms and within each of them, and nowhere in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import pinax.stripe.conf

ROOT = Path(pinax.stripe.conf.__file__).parent
#: Lowest first; a module may import from its own layer and from those before it.
LAYERS = [
    {"conf", "catalogue", "stripe_values", "currencies", "exceptions", "signals"},
    {"combined_reads", "sqlstates", "prepared_statements", "statements"},
    {"models"},
    {"api"},
    {"sync"},
    {"migrations"},
    {"actions"},
    {"webhooks"},
    {"views"},
    {"addresses"},
    {"upkeep"},
    {"backfill"},
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
#: Room -> its modules and folders, lowest first; a name stands for all below it, but for what has a place of its own.
ROOMS = {
    "catalogue": [{"details", "event_types", "objects", "reasons"}, {"effects", "lists", "related"}],
    "models": [
        {"decimals", "documents", "words"},
        {"fields", "periods"},
        {"mirror"},
        {
            "backfill",
            "checkout",
            "coupons",
            "entitlements",
            "transfers",
            "credit_notes",
            "customer_balances",
            "disputes",
            "figures",
            "files",
            "invoices",
            "other_objects",
            "mandates",
            "mrr",
            "payment_methods",
            "payments",
            "payouts",
            "products",
            "radar",
            "revenue",
            "setup_intents",
            "schedules",
            "subscriptions",
            "taxes",
            "usage",
        },
        {"events"},
        {"customers"},
        {"accounts"},
    ],
    "api": [
        {"answers", "deadlines", "parameters", "proxies", "sdk"},
        {"errors", "pace", "transport"},
        {"calls"},
        {"lists"},
    ],
    "sync": [
        {"after_commit", "snapshots", "storable"},
        {"reader", "user_links"},
        {"readers"},
        {"registry"},
        {"freshness", "revisions"},
        {"rows"},
        {"account_access", "fetching", "parts", "row_writers"},
        {"embedded"},
        {"entitlements", "shown"},
        {"batch_writing", "writing"},
        {"one_round_trip"},
        {"own_writes"},
    ],
    "webhooks": [
        {"bodies", "checkpoints", "database_errors", "envelopes", "event_rows", "reading_conditions", "signatures"},
        {"accounts", "comparison", "deliveries", "failures", "kept_answers", "timeline"},
        {"locks", "refusals", "signature_checks", "slow_receivers"},
        {"recording", "retries"},
        {"validation"},
        {"batch_validation"},
        {"listed_objects", "moves"},
        {"base"},
        {"registry"},
        {"handlers"},
        {"announcing"},
        {"mirroring", "plain_events"},
        {"one_statement"},
        {"at_once"},
        {"batches"},
        {"processing"},
        {"dispatch", "responses"},
    ],
    "upkeep": [
        {"personal_data", "figures", "pruning", "reprocessing", "statistics", "sweeper"},
        {"findings", "late_receivers", "queue_worker"},
        {"catch_up", "health", "measurements", "redaction"},
        {"compaction"},
    ],
    "backfill": [
        {"estimates", "linking", "patience", "runs", "scheduled"},
        {"accounts", "from_events", "gone", "ledger"},
        {"reading"},
        {"crew", "writing"},
        {"verifying"},
        {"engine", "fixing"},
    ],
    "admin": [
        {"display", "filters", "ordering", "permissions"},
        {"export", "overview"},
        {"base"},
        {"events"},
        {"objects", "overview.page"},
        {"events.event_admin"},
    ],
    "testing": [{"builders", "delivery"}, {"post"}, {"fake_stripe"}, {"pytest_plugin"}],
    "testing.builders": [{"copies", "ids", "lists"}, {"changes", "columns"}, {"objects"}, {"events"}],
    "testing.fake_stripe": [
        {"paths", "server"},
        {"faults", "refusals", "versions"},
        {"expansion", "filters"},
        {"reads", "writes"},
        {"stripe"},
    ],
    "management": [{"accounts", "forwarding", "moments", "progress", "skipped_lists"}, {"commands"}],
    "contrib": [{"opentelemetry", "prometheus"}],
}
#: What handles events.
INBOUND = {"models", "sync", "webhooks", "views.py", "tasks.py", "upkeep/sweeper.py", "upkeep/queue_worker.py"}
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


def name_of(path):
    """The dotted name of a module below the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


def imported_modules(path, *, ever=False):
    """Dotted names of the package's own modules that a module imports when it is imported itself, or `ever`."""
    package = path.relative_to(ROOT).parts[:-1]
    tree = ast.parse(path.read_text())
    later = (
        set()
        if ever
        else {
            each
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
            for each in ast.walk(node)
        }
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and node not in later:
            base = (*package[: len(package) - (node.level - 1)], *(node.module or "").split("."))
            origin = ".".join(filter(None, base))
            for alias in node.names:
                name = f"{origin}.{alias.name}".removeprefix(".")
                yield name if name in NAMES else origin


def test_no_modules_import_one_another_in_a_circle():
    graph = {name: set(imported_modules(path)) - {name} for name, path in NAMES.items()}
    assert sum(map(len, graph.values())) > 500
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def place(room, name):
    """The level of a module in a room: that of the longest name which it begins with; None for the room itself."""
    below = name.removeprefix(f"{room}.")
    if below == room:
        return None
    places = {listed: level for level, names in enumerate(ROOMS[room]) for listed in names}
    fitting = [listed for listed in places if below == listed or below.startswith(f"{listed}.")]
    assert fitting, f"{name} has no place: add it to ROOMS"
    return places[max(fitting, key=len)]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_within_a_room_point_down_only(room):
    for name, path in NAMES.items():
        if name.startswith(f"{room}."):
            for other in imported_modules(path):
                if other.startswith(f"{room}."):
                    assert place(room, other) <= place(room, name), f"{name} imports {other}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_in_a_room_is_that_of_a_module(room):
    for listed in set().union(*ROOMS[room]):
        assert f"{room}.{listed}" in NAMES


def inbound_modules():
    return [path for path in MODULES if INBOUND & {path.relative_to(ROOT).parts[0], path.relative_to(ROOT).as_posix()}]


def test_nothing_that_handles_events_can_reach_an_action():
    """Followed through every module that is ever imported on the way; only the URLs bring both kinds together."""
    todo = {name_of(path) for path in inbound_modules()}
    reached = set()
    while todo:
        name = todo.pop()
        reached.add(name)
        todo |= {found for found in imported_modules(NAMES[name], ever=True) if found in NAMES} - reached
    rooms = {name.partition(".")[0] for name in reached}
    assert "sync" in rooms
    assert "actions" not in rooms


@pytest.mark.parametrize("path", inbound_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_handles_events_writes_to_stripe(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    used |= {
        f"api.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and "api" in (node.module or "").split(".")
        for alias in node.names
    }
    writing = {"post", "delete", "call", "call_once", "Request", "send"}
    assert not used & {f"{module}.{name}" for module in ("api", "calls", "api.calls", "transport") for name in writing}


def test_only_one_module_imports_the_sdk():
    users = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import) and any(alias.name == "stripe" for alias in node.names)
    ]
    assert users == ["api/sdk.py"]
