"""A register for union stewards: local first, sealed end to end.

``Book`` is the way in; ``create_book``, ``Book.open`` and ``Book.join`` answer one. Commands are durable when they return.
``book.sync()`` shares with the others; ``await book.sync_async()`` does the same from asyncio.
"""

from .samla import *  # noqa: F403  the generated binding
from .samla import Book
from .transport import Offline, Synced, listen, send, sync, sync_async

Book.sync = sync
Book.sync_async = sync_async
Book.listen = listen

__all__ = [name for name in dir() if not name.startswith("_")]
