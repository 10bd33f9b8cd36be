"""What the run against localstripe excuses, and what it does not; the run itself is `tox -e localstripe`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rich")

#: Problems of a row -> what is left of them, what is shown, and how many of the known places occurred.
CASES = [
    (["invoice.status is 'open', not 'paid'"], ["invoice.status is 'open', not 'paid'"], "", 0),
    (["invoice.charge.amount_refunded is 0, not 500"], [], "the refund", 1),
    (
        ["invoice.charge.refunds.data is [], not [1]", "invoice.charge.amount is 1, not 2"],
        ["invoice.charge.amount is 1, not 2"],
        "the refund",
        1,
    ),
]
# In a process of its own, for the sake of its settings.
EXCUSE = """
import json, sys
from tests.localstripe.__main__ import main
from tests.localstripe.deviations import REFUNDED, excused
from tests.demo.comparison import Compared
for problems in json.loads(sys.argv[1]):
    rows, check = excused([Compared(table="Invoice", key="in_1", problems=problems)])
    print(json.dumps([rows[0].problems, rows[0].excused, len(REFUNDED) - len(check.problems)]))
"""


def test_only_what_a_refund_changes_is_excused_and_has_to_occur():
    done = subprocess.run(
        [sys.executable, "-c", EXCUSE, json.dumps([problems for problems, *_ in CASES])],
        cwd=Path(__file__).parent.parent,
        env={name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PINAX_STRIPE_"))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stderr == ""
    assert [json.loads(line) for line in done.stdout.splitlines()] == [list(outcome) for _, *outcome in CASES]
