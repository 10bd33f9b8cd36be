"""The WSGI application of every peer: its Django, the number of the process, and the SQL of a request if asked for."""

import os
import re

from django.core.wsgi import get_wsgi_application
from django.db import connection

django_application = get_wsgi_application()


def application(environ, start_response):
    """Answer a request; `/process` tells the number of the process."""
    if environ["PATH_INFO"] == "/process":
        content = str(os.getpid()).encode()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(content)))])
        return [content]
    if "HTTP_X_COUNTS" in environ:
        return counted(environ, start_response)
    return django_application(environ, start_response)


def counted(environ, start_response):
    """The same, with the beginnings of all SQL statements in the header X-Statements."""
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    started = []
    response = django_application(environ, lambda *arguments: started.extend(arguments))
    status, headers, *rest = started
    found = ",".join(beginning(query["sql"]) for query in connection.queries_log)
    connection.force_debug_cursor = False
    start_response(status, [*headers, ("X-Statements", found)], *rest)
    return response


def beginning(statement):
    """The first words: `ROLLBACK TO SAVEPOINT`."""
    return " ".join(re.findall(r"[A-Z]+", statement[:40])[:3])
