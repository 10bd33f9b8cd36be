"""Finds functions, methods, properties, classes and imports of the package that nothing uses: `tox -e lint`.

What only tests use counts as unused; what is there for projects is used in tests/typing/public_api.py. Columns,
settings and attributes are left out: vulture cannot know who reads them.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pinax" / "stripe"
#: What Django, http.server and others call by these names.
# fmt: off
CALLED_BY_NAME = [
    "__getattr__", "add_arguments", "as_postgresql", "cast_db_type", "collect", "Command",
    "expected_parameters", "from_db_value", "get_changelist", "get_col", "get_db_prep_lookup",
    "get_db_prep_save", "get_fields", "get_internal_type", "get_list_filter", "get_ordering_field",
    "get_search_results", "get_sortable_by", "handle", "handle_error", "has_add_permission", "has_change_permission",
    "has_delete_permission", "has_output", "log_message", "lookups", "Media", "PinaxStripeConfig", "pre_save",
    "ready", "redirect_request", "rel_db_type", "verify_request",
]
# fmt: on
REGISTERING = ["@*.register_lookup", "@pytest.fixture", "@register", "@register.*", "@admin.*"]
#: Annotations that are texts, which vulture does not read.
IN_TEXTS = ["Self"]
KINDS = {"class", "function", "import", "method", "property"}


def findings() -> Iterator[str]:
    """A line each: where it is, and what."""
    vulture = Vulture(ignore_names=[*CALLED_BY_NAME, *IN_TEXTS], ignore_decorators=REGISTERING)
    vulture.scavenge([str(PACKAGE), str(ROOT / "tests" / "typing")], exclude=["*/migrations/*"])
    named = named_in_templates()
    for item in vulture.get_unused_code():
        path = Path(item.filename)
        if item.typ in KINDS and path.is_relative_to(PACKAGE) and item.name not in named:
            yield f"{path.relative_to(ROOT)}:{item.first_lineno}: nothing uses the {item.typ} {item.name}"


def named_in_templates() -> set[str]:
    """The words of all templates, which look names up."""
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.html")]
    return {word for text in texts for word in re.findall(r"\w+", text)}


if __name__ == "__main__":
    # Printed to stderr, with status 1, if there are any.
    sys.exit("\n".join(findings()) or 0)
