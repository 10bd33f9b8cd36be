"""localstripe as a process of its own, and what is asked of it beside the life: its events, and to send them."""

import subprocess
import sys
import urllib.parse
from pathlib import Path

import stripe

from pinax.stripe.testing.delivery import DIRECT_OPENER

KEY = "sk_test_localstripe"
SERVER = Path(__file__).parent / "server.py"


class Localstripe:
    """`with Localstripe() as source:` … `source.url` is the base of its addresses."""

    def __enter__(self) -> "Localstripe":
        # Without this process's switches: what localstripe's dependencies warn of is theirs.
        command = [sys.executable, "-W", "ignore", str(SERVER)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("localstripe did not start; is it installed? `tox -e localstripe` brings it.")
        self.client = stripe.StripeClient(
            KEY, base_addresses={"api": self.url}, http_client=stripe.RequestsClient(timeout=60)
        )
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.process.communicate(timeout=60)

    def send_webhooks_to(self, url: str, *, secret: str) -> None:
        """Have it POST every event from now on, signed."""
        body = urllib.parse.urlencode({"url": url, "secret": secret}).encode()
        with DIRECT_OPENER.open(f"{self.url}/_config/webhooks/demo", data=body, timeout=60):
            pass  # The answer is empty.

    def events(self) -> list[dict]:
        """All its events, oldest first."""
        return self.client.raw_request("get", "/v1/events", limit=1000).data["data"]
