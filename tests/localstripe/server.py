"""Serves localstripe on a free port of 127.0.0.1 and prints its address; ends when its standard input does.

Run as a process of its own, by the Python of an environment that has localstripe (GPL): nothing of it is imported into
the project. Its own command binds every interface and keeps its objects in a file at a fixed place; this does neither.

Its lists are not Stripe's: the oldest object comes first, `created` and `expand` are refused, and what it does not have
is a 404 of aiohttp's. What stands before it (`as_stripe_lists`) answers such requests as Stripe does, with its objects.
"""

import asyncio
import json
import re
import socket
import sys
import threading

from aiohttp import web
from localstripe.resources import store
from localstripe.server import app

#: More objects than the life makes.
ALL = 100_000
#: Parameters of Stripe's lists that are answered here.
PAGING = {"limit", "starting_after", "ending_before"}


@web.middleware
async def as_stripe_lists(request, handler):
    """Answer what Stripe has and localstripe does not know, and lists as Stripe does."""
    if request.method != "GET" or not request.path.startswith("/v1/"):
        return await handler(request)
    kept = [(name, value) for name, value in request.query.items() if not is_answered_here(name)]
    try:
        response = await handler(request.clone(rel_url=request.rel_url.with_query([*kept])))
        answer = json.loads(response.body)
        if answer.get("object") == "list" and "data" in answer:
            whole = request.clone(rel_url=request.rel_url.with_query([*kept, ("limit", str(ALL))]))
            answer = page(json.loads((await handler(whole)).body), request.query)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        words = f"Unrecognized request URL (GET: {request.path})."
        return web.json_response({"error": {"type": "invalid_request_error", "message": words}}, status=404)
    return web.json_response(answer, status=response.status)


def is_answered_here(name):
    """Whether a parameter is none of localstripe's."""
    return name in PAGING or name.startswith(("created[", "expand["))


def page(whole, query):
    """The page of a list that a query asks for: the newest object first, of the time that is asked for."""
    found = [*reversed(whole["data"])]  # As it was made: of one second, the newest is the last.
    found.sort(key=lambda each: -each.get("created", 0))
    for name, value in query.items():
        if bound := re.fullmatch(r"created\[(gte?|lte?)\]", name):
            found = [
                each for each in found if "created" not in each or is_within(each["created"], bound[1], int(value))
            ]
    after = query.get("starting_after")
    if after is not None:
        ids = [each["id"] for each in found]
        found = found[ids.index(after) + 1 :] if after in ids else []
    limit = int(query.get("limit", 10))
    return {**whole, "data": found[:limit], "has_more": len(found) > limit}


def is_within(created, bound, moment):
    """Whether a time keeps to a bound of Stripe's: gt, gte, lt or lte."""
    return {"gt": created > moment, "gte": created >= moment, "lt": created < moment, "lte": created <= moment}[bound]


async def serve(end: "asyncio.Future[None]") -> None:
    """Answer until the future is done."""
    store.dump_to_disk = lambda: None
    app.middlewares.insert(0, as_stripe_lists)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await end
    await runner.cleanup()


async def main() -> None:
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set_result, None)

    threading.Thread(target=watch, daemon=True).start()
    await serve(ended)


if __name__ == "__main__":
    asyncio.run(main())
