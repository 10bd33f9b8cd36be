"""What a backfill costs: objects a second, calls and CPU time for each, with a stand-in some milliseconds away.

`python -m tests.postgres python -m tests.benchmarks.backfill [OBJECTS] [MILLISECONDS]` fills an empty database with so
many objects of each of four types, as of a live account, and prints the figures; then dj-stripe does the same with a
part of them, where it can be installed. CPU time and memory are those of the process that reads and writes; the
stand-in and the database have their own.
"""

import io
import json
import multiprocessing
import os
import re
import resource
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.sharedctypes import Synchronized
from urllib.parse import parse_qs, urlsplit

from pinax.stripe.testing.fake_stripe.reads import PLATFORM

#: Path of a list -> type of its objects.
LISTS = {"customers": "customer", "charges": "charge", "payment_intents": "payment_intent", "products": "product"}
#: What the stand-in cannot be asked for.
UNNAMED = {"charge": {"balance_transaction": None, "payment_method": None}}
#: Id of an object without its type.
OF_A_NUMBER = re.compile(r"[a-z_]+_(\d+)")
NEWEST = int(time.time()) - 3600
#: Seconds between two objects.
APART = 500
#: Objects of each type that dj-stripe reads.
FEW = 200


class Answers(BaseHTTPRequestHandler):
    """Answers lists, newest first, of objects that differ in id and time: number 0 is the newest."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    #: Path -> an object as JSON, with `%(id)s` and `%(created)d` in it.
    lists: dict[str, str] = {}
    #: Objects of each type, and requests.
    count: "Synchronized[int]"
    calls: "Synchronized[int]"
    delay = 0.0

    def do_GET(self):
        with self.calls.get_lock():
            self.calls.value += 1
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        path, _, rest = address.path.removeprefix("/v1/").partition("/")
        found = OF_A_NUMBER.fullmatch(rest)
        data = (self.object(path, int(found[1])) if found else self.page(address.path, query)).encode()
        time.sleep(self.delay)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def page(self, address, query):
        """A page of a list, empty for those that are not in `lists`; or the account that the key is of."""
        path = address.removeprefix("/v1/")
        if path == "account":
            return json.dumps({"id": PLATFORM, "object": "account"})
        start, end = numbers(query, self.count.value if path in self.lists else 0)
        stop = min(end, start + int(query.get("limit", 10)))
        texts = ", ".join(self.object(path, number) for number in range(start, stop))
        has_more = json.dumps(end > stop)
        return f'{{"object": "list", "url": "{address}", "has_more": {has_more}, "data": [{texts}]}}'

    def object(self, path, number):
        """An object as JSON."""
        return self.lists[path] % {"id": f"{LISTS[path]}_{number}", "created": NEWEST - number * APART}

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


def stand_in(
    count: "Synchronized[int]", calls: "Synchronized[int]", delay: float, ports: "multiprocessing.Queue[int]"
) -> None:
    """The process that answers."""
    from pinax.stripe.testing import build_object

    Answers.delay, Answers.count, Answers.calls = delay, count, calls
    for path, kind in LISTS.items():
        text = json.dumps(build_object(kind, livemode=True, id="<id>", created=0, **UNNAMED.get(kind, {}))).replace(
            "%", "%%"
        )
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
    number, calls = multiprocessing.Value("i", count), multiprocessing.Value("i", 0)
    process = multiprocessing.Process(target=stand_in, args=(number, calls, milliseconds / 1000, ports), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{ports.get()}"
    print(f"{len(LISTS)} types, Stripe's API {milliseconds} ms away")
    try:
        read_and_write(url, count, calls)
        number.value = min(count, FEW)
        read_with_djstripe(url, number.value, calls)
    finally:
        process.terminate()


def read_and_write(url: str, count: int, calls: "Synchronized[int]") -> None:
    """Fill an empty database by `stripe_sync`, and do it again when all is there."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import get_runner

    settings.PINAX_STRIPE_API_BASE = url
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_benchmark"
    settings.PINAX_STRIPE_API_RATE = 25
    runner = get_runner(settings)(verbosity=0)
    databases = runner.setup_databases()
    for words in ("everything new", "nothing changed"):
        calls.value, began, cpu = 0, time.perf_counter(), time.process_time()
        call_command("stripe_sync", *LISTS.values(), full=True, verbosity=0, stdout=io.StringIO())
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(f"stripe_sync, {words}", count * len(LISTS), seconds, cpu, calls.value, memory)
    runner.teardown_databases(databases)


DJSTRIPE_TABLES = ("customer", "charge", "paymentintent", "product")
#: Run by dj-stripe's Python: seconds, those of its CPU, and megabytes at most.
SYNC_MODELS = """
import io, json, resource, time
from django.core.management import call_command
began, cpu = time.perf_counter(), time.process_time()
call_command("djstripe_sync_models", "Customer", "Charge", "PaymentIntent", "Product", stdout=io.StringIO())
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.perf_counter() - began, time.process_time() - cpu, memory]))
"""


def read_with_djstripe(url: str, count: int, calls: "Synchronized[int]") -> None:
    """Let dj-stripe fill an empty database, and look what is in it."""
    import psycopg
    from django.conf import settings
    from django.db import connection

    from tests.benchmarks.webhooks import peers
    from tests.benchmarks.webhooks.environments import NotInstalled, python_of
    from tests.benchmarks.webhooks.processes import HERE, run_module

    (peer,) = (peer for peer in peers.PEERS if peer.name == "djstripe")
    try:
        python = python_of(peer.environment)
    except NotInstalled as error:
        print(f"Without dj-stripe, which could not be installed: {error}")
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE djstripe")
    database = settings.DATABASES["default"]
    variables = {
        "DJANGO_SETTINGS_MODULE": f"{HERE}.settings",
        "BENCHMARK_DATABASE": f"{database['HOST']}:{database['PORT']}:{database['USER']}:djstripe",
        "BENCHMARK_SETTINGS": json.dumps(peer.settings).replace(peers.API, url),
    }
    run_module("django", "migrate", python=python, **variables)
    run_module("django", "shell", "-c", peer.set_up, python=python, **variables)
    calls.value = 0
    said = run_module("django", "shell", "-v", "0", "-c", SYNC_MODELS, python=python, **variables)
    seconds, cpu, memory = json.loads(said.splitlines()[-1])
    with psycopg.connect(
        host=database["HOST"], port=database["PORT"], user=database["USER"], dbname="djstripe"
    ) as there:
        rows = [there.execute(f"SELECT count(*) FROM djstripe_{name}").fetchone()[0] for name in DJSTRIPE_TABLES]
    print(f"dj-stripe has {rows} rows of {count} each")
    say("djstripe_sync_models", count * len(LISTS), seconds, cpu, calls.value, memory)


def say(what: str, objects: int, seconds: float, cpu: float, calls: int, memory: float) -> None:
    """Print what was measured."""
    each = f"{calls / objects:.4f} calls and {1000 * cpu / objects:.3f} ms of CPU each"
    print(f"{what}: {objects} objects, {objects / seconds:.0f} a second, {each}, {memory:.0f} MB at most")


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["5000"])[0]), int((sys.argv[2:] or ["50"])[0]))
