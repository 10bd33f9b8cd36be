"""What a backfill costs: objects a second, calls and CPU time for each, with a stand-in some milliseconds away.

`python -m tests.postgres python -m tests.benchmarks.backfill [OBJECTS] [MILLISECONDS]` fills an empty database with so
many objects of each of four types, as of a live account, and prints the figures. CPU time and memory are those of the
process that reads and writes; the stand-in and the database have their own.
"""

import json
import multiprocessing
import os
import resource
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

#: Path of a list -> type of its objects.
LISTS = {"customers": "customer", "charges": "charge", "payment_intents": "payment_intent", "products": "product"}
NEWEST = int(time.time()) - 3600
#: Seconds between two objects.
APART = 500


class Answers(BaseHTTPRequestHandler):
    """Answers lists, newest first, of objects that differ in id and time: number 0 is the newest."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    #: Path -> an object as JSON, with `%(id)s` and `%(created)d` in it.
    lists: dict[str, str] = {}
    count = 0
    delay = 0.0

    def do_GET(self):
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        path = address.path.removeprefix("/v1/")
        start, end = numbers(query, self.count if path in self.lists else 0)
        stop = min(end, start + int(query.get("limit", 10)))
        kind = LISTS.get(path, "")
        texts = (self.lists[path] % {"id": f"{kind}_{n}", "created": NEWEST - n * APART} for n in range(start, stop))
        more = json.dumps(end > stop)
        data = f'{{"object": "list", "has_more": {more}, "data": [{", ".join(texts)}]}}'.encode()
        time.sleep(self.delay)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Print nothing."""


def numbers(query: dict[str, str], count: int) -> tuple[int, int]:
    """The first object that is asked for, and the one after the last, before what fits into a page is taken."""
    start, end = 0, count
    if "created[lt]" in query:
        start = max(0, (NEWEST - int(query["created[lt]"])) // APART + 1)
    if "created[gte]" in query:
        end = min(count, (NEWEST - int(query["created[gte]"])) // APART + 1)
    if "starting_after" in query:
        start = max(start, int(query["starting_after"].rpartition("_")[2]) + 1)
    return start, max(start, end)


def stand_in(count: int, delay: float, ports: "multiprocessing.Queue[int]") -> None:
    """The process that answers."""
    from pinax.stripe.testing import build_object

    Answers.delay, Answers.count = delay, count
    for path, kind in LISTS.items():
        text = json.dumps(build_object(kind, livemode=True, id="<id>", created=0)).replace("%", "%%")
        Answers.lists[path] = text.replace("<id>", "%(id)s").replace('"created": 0', '"created": %(created)d')
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.request_queue_size = 128
    ports.put(server.server_address[1])
    server.serve_forever()


def main(count: int, milliseconds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=stand_in, args=(count, milliseconds / 1000, ports), daemon=True)
    process.start()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import get_runner

    from pinax.stripe import api

    settings.PINAX_STRIPE_API_BASE = f"http://127.0.0.1:{ports.get()}"
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_benchmark"
    settings.PINAX_STRIPE_API_RATE = 25
    runner = get_runner(settings)(verbosity=0)
    databases = runner.setup_databases()
    calls = 0
    call_once = api.calls.call_once

    def counting(request):
        nonlocal calls
        calls += 1
        return call_once(request)

    api.calls.call_once = counting
    for words in ("everything new", "nothing changed"):
        calls, began, cpu = 0, time.perf_counter(), time.process_time()
        call_command("stripe_sync", *LISTS.values(), full=True, verbosity=0)
        seconds, cpu, total = time.perf_counter() - began, time.process_time() - cpu, count * len(LISTS)
        figures = (
            f"{total / seconds:.0f} objects/s, {calls / total:.4f} calls and {1000 * cpu / total:.3f} ms of CPU each"
        )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told = f"{total} objects of {len(LISTS)} types, {milliseconds} ms away"
        print(f"{words}: {told}: {figures}, {memory:.0f} MB at most")
    runner.teardown_databases(databases)
    process.terminate()


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["5000"])[0]), int((sys.argv[2:] or ["50"])[0]))
