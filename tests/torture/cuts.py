"""A proxy that cuts connections, and objects that are replaced meanwhile: never another matrix.

The servers are real ones on this machine: of HTTP, of S3 (moto's), and one that speaks as much of
Google Storage as a download takes.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np

import embedprep
from embedprep.errors import InputError
from embedprep.sources import remote
from tests.sources.conftest import serving
from tests.torture.tally import Tally

OLD = b"".join(b"word%d %d.5 1.5\n" % (i, i) for i in range(30_000))
NEW = OLD.replace(b" 1.5\n", b" 9.5\n")
WORDS = [f"word{i}" for i in range(0, 30_000, 7)]
HEADERS_BYTES = 1000
"""More than the headers of an answer: a first cut before their end is a refusal, and no cut."""
KINDS = ("http", "s3", "gs")


def run(full: bool) -> Tally:
    """Some hundred builds through connections that break, every other with a replacement."""
    tally = Tally("cuts")
    with patch.dict(os.environ, {"NO_PROXY": "*"}), patch.object(remote, "_WAITS", (0.0,) * 3):
        for kind in KINDS:
            lacking = [name for name in NEEDS[kind] if importlib.util.find_spec(name) is None]
            if lacking:
                tally.left_out.append(f"{kind}, without {', '.join(lacking)}")
                continue
            with STORES[kind]() as store:
                for seed in range(100 if full else 2):
                    for is_replaced in (False, True):
                        _build(kind, store, random.Random(seed), is_replaced, tally)
    return tally


@dataclass
class Store:
    """A place with one object in it."""

    port: int
    put: Callable[[bytes], None]
    address: Callable[[int], str]
    """Given the port of a proxy."""
    environment: Callable[[int], dict[str, str]] = lambda port: {}


@dataclass
class Proxy:
    """Passes bytes on, and cuts the connections that `cuts` says after so many bytes."""

    upstream: int
    cuts: list[int]
    at_cut: Callable[[int], None]
    """Called with the number of the cut, from 0."""
    done: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed: the end
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.upstream)) as server:
            self.sockets += [client, server]
            threading.Thread(target=_copy, args=(client, server), daemon=True).start()
            left = self.cuts.pop(0) if self.cuts else None
            with contextlib.suppress(OSError):
                while data := server.recv(1 << 16):
                    client.sendall(data[:left])
                    if left is not None and left <= len(data):
                        self.at_cut(self.done)
                        self.done += 1
                        if self.done % 2:  # a reset; otherwise an end as if all were well
                            off = struct.pack("ii", 1, 0)
                            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
                        break
                    left = None if left is None else left - len(data)
            for each in (client, server):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)


def _build(kind: str, store: Store, rng: random.Random, is_replaced: bool, tally: Tally) -> None:
    store.put(OLD)
    first = rng.randrange(HEADERS_BYTES, len(OLD))
    cuts = [first, *(rng.randrange(1, len(OLD)) for _ in range(rng.randrange(3)))]
    replaced_at = rng.randrange(len(cuts)) if is_replaced else None
    proxy = Proxy(
        store.port, cuts, lambda number: store.put(NEW) if number == replaced_at else None
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        with patch.dict(os.environ, store.environment(port)):
            try:
                matrix, _ = embedprep.build(store.address(port), WORDS, oov="zeros")
            except InputError as error:
                told, values = str(error), None
            else:
                told, values = "", set(np.unique(matrix[:, 1]).tolist())
        listener.shutdown(socket.SHUT_RDWR)
    replaced = replaced_at is not None and proxy.done > replaced_at
    tally.counts[f"cuts ({kind})"] += proxy.done
    tally.counts[f"replacements ({kind})"] += replaced
    if values is None and not (replaced and "replaced by another" in told):
        tally.broken.append(f"{kind}, cuts {cuts}: {told}")
    if values not in (None, {1.5}):
        tally.broken.append(f"{kind}, cuts {cuts}, replaced {replaced_at}: {values}")


@contextlib.contextmanager
def _web() -> Iterator[Store]:
    with serving() as server:
        port = int(server.address.rpartition(":")[2].partition("/")[0])

        def put(body: bytes) -> None:
            server.body, server.headers = body, {"ETag": f'"{body[-4:-1].decode()}"'}

        yield Store(port, put, lambda proxy: f"http://127.0.0.1:{proxy}/v.txt")


@contextlib.contextmanager
def _google() -> Iterator[Store]:
    with serving() as server:
        port = int(server.address.rpartition(":")[2].partition("/")[0])

        def put(body: bytes) -> None:
            server.body, server.headers = body, {"X-Goog-Generation": str(hash(body))}

        yield Store(
            port,
            put,
            lambda proxy: "gs://box/v.txt",
            lambda proxy: {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{proxy}"},
        )


_LOGIN = {
    "AWS_ACCESS_KEY_ID": "of-nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextlib.contextmanager
def _s3() -> Iterator[Store]:
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with patch.dict(os.environ, _LOGIN):
        server.start()
        port = server.get_host_and_port()[1]
        client: Any = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}")
        client.create_bucket(Bucket="box")

        def put(body: bytes) -> None:
            client.put_object(Bucket="box", Key="v.txt", Body=body)

        try:
            yield Store(
                port,
                put,
                lambda proxy: "s3://box/v.txt",
                lambda proxy: {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy}"},
            )
        finally:
            client.close()
            server.stop()


STORES: dict[str, Callable[[], contextlib.AbstractContextManager[Store]]] = {
    "http": _web,
    "s3": _s3,
    "gs": _google,
}
NEEDS = {"http": ("aiohttp",), "s3": ("moto", "s3fs"), "gs": ("gcsfs",)}
"""The modules without which a store is left out."""
