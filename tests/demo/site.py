"""Serves the demo's project on 127.0.0.1, with its database made and a login for the admin."""

import socketserver
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections

NAME = PASSWORD = "demo"


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """Answers each request in a thread, as a real server does."""

    daemon_threads = True
    request_queue_size = 128


class QuietHandler(WSGIRequestHandler):
    #: Headers and body are written one after the other, and a client would wait 40 ms for the second part.
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass


class Site:
    """`with Site() as site:` … `site.webhook` and `site.admin` are its addresses."""

    def __enter__(self):
        call_command("migrate", run_syncdb=True, verbosity=0)
        get_user_model().objects.create_superuser(NAME, f"{NAME}@example.com", PASSWORD)
        application = get_wsgi_application()
        self.server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=QuietHandler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.webhook = f"{self.url}/stripe/webhook/"
        self.admin = f"{self.url}/admin/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exc_info):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        connections.close_all()
