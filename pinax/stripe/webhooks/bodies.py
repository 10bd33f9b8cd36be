"""Reads the body of a POST, with or without a Content-Length, and says why when it cannot be had.

Django's WSGI handler reads as much as Content-Length says, and so nothing of a body that comes in chunks, as some
proxies send every body (https://code.djangoproject.com/ticket/35838). ASGI bodies come whole.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.http import HttpRequest

from ..catalogue.details import Detail, DetailOrText

#: What the first bytes of gzip data are.
GZIP = b"\x1f\x8b"
#: Bytes that JSON may begin with, of an object: what Stripe sends.
JSON_OBJECT = b"{"


@dataclass(frozen=True, kw_only=True)
class Body:
    """The part of a body that arrived."""

    #: The bytes, as many as may be kept.
    content: bytes
    #: Bytes that arrived; of a body that is too large, those that Content-Length announced if that is more.
    size: int
    #: Code of `REASONS`; "" for a body that is all there.
    problem: str = ""
    #: What is said beside the reason, or "".
    explanation: DetailOrText = ""


def read_body(request: HttpRequest, most: int) -> Body:
    """The body, at most `most` bytes of it. Afterwards `request.body` and `request.read()` give the same bytes.

    Never raises, and DATA_UPLOAD_MAX_MEMORY_SIZE is not asked: `most` is the limit.
    """
    declared = declared_length(request)
    is_read = bool(getattr(request, "_read_started", False)) and not hasattr(request, "_body")
    try:
        content, is_broken = read_blocks(request, most + 1), False
    except Exception:  # Beside Django's own errors: each server has errors of its own for a broken stream.
        content, is_broken = b"", True
    keep(request, content[:most])
    if len(content) > most or declared > most:
        return Body(content=content[:most], size=max(len(content), declared), problem="too_large")
    problem = ""
    explanation: DetailOrText = ""
    if is_broken:
        problem = "unreadable"
    elif is_read:
        problem, explanation = "unreadable", Detail("body_was_read")
    elif len(content) < declared:
        problem = "unreadable"
        explanation = Detail("body_is_incomplete", {"received": len(content), "declared": declared})
    elif not content and is_chunked(request):
        problem = "no_length"
    elif is_compressed(request, content):
        problem = "compressed"
    return Body(content=content, size=len(content), problem=problem, explanation=explanation)


def read_blocks(request: HttpRequest, most: int) -> bytes:
    """The first bytes of the body, wherever they are; whatever the server raises when it cannot give them."""
    read_before = getattr(request, "_body", b"")
    if read_before:
        return read_before[:most]
    blocks = undeclared_blocks(request, most) if not declared_length(request) else None
    if blocks is None:
        return request.read(most)
    content = bytearray()  # A chunk may be a single byte.
    for block in blocks:
        content += block
        if len(content) >= most:
            break
    return bytes(content[:most])


def undeclared_blocks(request: HttpRequest, most: int) -> Iterator[bytes] | None:
    """What the server itself has of a body without a Content-Length, which Django does not read; None if nothing."""
    environ: dict[str, Any] = getattr(request, "environ", {})
    if environ.get("wsgi.input_terminated"):
        # The server promises that its stream ends where the body does.
        return iter(lambda: environ["wsgi.input"].read(most), b"")
    if is_chunked(request) and "uwsgi.version" in environ:
        return uwsgi_chunks(importlib.import_module("uwsgi").chunked_read)
    return None


def uwsgi_chunks(read_chunk: Callable[[], bytes]) -> Iterator[bytes]:
    """The chunks that uWSGI hands over by a function of its own; none where its router keeps them to itself."""
    try:
        chunk = read_chunk()
    except OSError:
        return
    while chunk:
        yield chunk
        chunk = read_chunk()


def keep(request: HttpRequest, content: bytes) -> None:
    """Let later code read the body: a middleware that logs requests, an error page."""
    request._body = content
    request._stream = BytesIO(content)


def declared_length(request: HttpRequest) -> int:
    """The Content-Length; 0 without a usable one."""
    value = request.META.get("CONTENT_LENGTH") or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def is_chunked(request: HttpRequest) -> bool:
    return "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()


def is_compressed(request: HttpRequest, content: bytes) -> bool:
    """Whether a body is compressed; a header alone may be left over by a proxy that unpacked the body."""
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    is_named = encoding not in ("", "identity") and not content.lstrip().startswith(JSON_OBJECT)
    return bool(content) and (is_named or content.startswith(GZIP))
