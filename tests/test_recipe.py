"""The page "Add an object" is all that it takes: carried out in a copy of the sources, the object is mirrored."""

import sys

from tests.docs.contributor import Contributor
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "contributing" / "add-an-object.md"
MANAGE = [sys.executable, "-m", "django"]
#: Lines that are written by hand, translations and data of tests included.
MOST_LINES = 60


def test_a_table_of_its_own_takes_few_lines_and_keeps_the_contract(tmp_path):
    contributor = Contributor(tmp_path)
    contributor.carry_out(PAGE)
    lines = contributor.changes()
    assert 30 < len(lines) <= MOST_LINES, "\n".join(lines)
    checked = contributor.start(
        *MANAGE, "makemigrations", "pinax_stripe", "--check", "--dry-run", "--settings", "tests.settings"
    )
    assert "No changes detected" in checked
