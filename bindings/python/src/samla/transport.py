"""Carries the book's requests to the server: the standard library's HTTP, and nothing more."""

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Callable, Iterator

from .samla import Book, Request

#: Seconds that a server may be silent.
PATIENCE = 60


class Offline(Exception):
    """The server was not reached. What was written is safe and goes out with the next round."""


@dataclass
class Synced:
    """What a round of sync brought."""

    #: Entries of others that are in the register now.
    received: int = 0
    #: Own envelopes that the server has now.
    sent: int = 0
    #: Entries that stay out of the register, by a rule.
    rejected: int = 0


class _Stay(urllib.request.HTTPRedirectHandler):
    # A server has one address; another one would be signed in to under a false name.
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_Stay)


def _open(request: Request):
    headers = {header.name: header.value for header in request.headers}
    body = request.body if request.method != "GET" else None
    prepared = urllib.request.Request(request.url, body, headers, method=request.method)
    return _opener.open(prepared, timeout=PATIENCE)


def send(request: Request) -> tuple[int, bytes]:
    """Makes one request and answers its status and body."""
    try:
        with _open(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()
    except OSError as error:
        raise Offline() from error


def sync(book: Book, send: Callable[[Request], tuple[int, bytes]] = send) -> Synced:
    """One round: sends what is only here and fetches what is new. Raises ``Offline`` without a network."""
    synced = Synced()
    book.begin_sync()
    while (request := book.next_request()) is not None:
        try:
            status, body = send(request)
        except Offline:
            book.on_offline()
            raise
        progress = book.on_response(status, body)
        synced.received += progress.received
        synced.sent += progress.sent
        synced.rejected += progress.rejected
    return synced


async def sync_async(book: Book) -> Synced:
    """The same round on a thread of its own, so that the event loop goes on."""
    return await asyncio.to_thread(sync, book)


def listen(book: Book) -> Iterator[int]:
    """How many entries the server's log has, whenever that changes. Sync when it is more than the status's ``head_n``.

    Ends when the stream ends; nothing comes before the first round of sync.
    """
    request = book.events_request()
    if request is None:
        return
    try:
        with _open(request) as stream:
            for line in stream:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])["n"]
    except OSError:
        return
