"""Bring an asynchronous call of the PDF library to its end from ordinary code."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def finished(call: Coroutine[Any, Any, T]) -> T:
    """The result of a call, also where this thread runs an event loop of somebody else's."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(call)
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, call).result()
