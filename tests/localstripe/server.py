"""Serves localstripe on a free port of 127.0.0.1 and prints its address; ends when its standard input does.

Run as a process of its own, by the Python of an environment that has localstripe (GPL): nothing of it is imported into
the project. Its own command binds every interface and keeps its objects in a file at a fixed place; this does neither.
"""

import asyncio
import socket
import sys
import threading

from aiohttp import web
from localstripe.resources import store
from localstripe.server import app


async def serve(end: "asyncio.Future[None]") -> None:
    """Answer until the future is done."""
    store.dump_to_disk = lambda: None
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
