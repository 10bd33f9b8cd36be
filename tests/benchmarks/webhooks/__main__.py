"""What a webhook costs, side by side: `tox -e benchmark`, or `python -m tests.benchmarks.webhooks`."""

import sys

from tests.benchmarks.webhooks.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
