"""A cheap sender: plain HTTP over sockets, so that what is measured is the door and not its client."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

import orjson

from cli.embedded.servers import CommandFailed

PIECE_BYTES = 64 * 1024


def request(key: str, content_type: str, body: bytes) -> bytes:
    """One request as it goes over the wire."""
    head = (
        f"POST /v1/alerts HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def push(url: str, requests: Sequence[bytes], *, connections: int, expected: int) -> tuple[float, list[float]]:
    """Send all of them; returns the seconds that took, and those of each. `expected` alerts have to be accepted."""
    return asyncio.run(_push(url, requests, connections, expected))


async def _push(url: str, requests: Sequence[bytes], connections: int, expected: int) -> tuple[float, list[float]]:
    place = urlsplit(url)
    links = [await asyncio.open_connection(place.hostname, place.port) for _ in range(connections)]
    taken: list[float] = []
    waiting = iter(requests)
    started = time.perf_counter()
    accepted = await asyncio.gather(*(_send(reader, writer, waiting, taken) for reader, writer in links))
    seconds = time.perf_counter() - started
    for _, writer in links:
        writer.close()
    if sum(accepted) != expected:
        raise CommandFailed(f"{expected} alerts were sent, and {sum(accepted)} of them accepted.")
    return seconds, taken


async def _send(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes], taken: list[float]
) -> int:
    accepted = 0
    for one in waiting:
        started = time.perf_counter()
        for piece in _pieces(one):
            writer.write(piece)
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        taken.append(time.perf_counter() - started)
        if not head.startswith(b"HTTP/1.1 202"):
            raise CommandFailed(f"The door answered {head[9:12].decode()}: {answer[:500].decode()}")
        accepted += orjson.loads(answer)["accepted"]
    return accepted


def _pieces(body: bytes) -> Iterable[bytes]:
    if len(body) <= PIECE_BYTES:
        return (body,)
    return (body[first : first + PIECE_BYTES] for first in range(0, len(body), PIECE_BYTES))
