"""A file at an address, of which a worker reads parts through fsspec."""

from __future__ import annotations

import contextlib
import mmap
import time
from collections.abc import Iterator
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from embedprep.cluster.place import Place
from embedprep.errors import EmbedprepError, UsageError
from embedprep.sources.remote_errors import broken, objections_to, refused, why
from embedprep.sources.source import SAMPLE_BYTES, PlainFile, fingerprint_of

_CONNECT_SECONDS, _READ_SECONDS = 30, 60
_WAITS = (1.0, 3.0, 9.0)
"""Seconds before a part is asked for again, of which a connection has broken."""


class RemoteFile(PlainFile):
    """As a plain file, a request a read."""

    def __init__(self, place: Place) -> None:
        self.path, self._name = place.shown, place.name
        self._file: Any = None
        with self._explained(None):
            self._file = _open(place)
        # Without a length it could only be read from its start.
        self.size: int = getattr(self._file, "size", None) or 0

    def read_into(self, buffer: bytearray | memoryview | mmap.mmap, offset: int) -> int:
        wanted = min(len(buffer), self.size - offset)
        with self._explained(offset):
            content = self._read(wanted, offset)
        if len(content) < wanted:
            raise broken(self.path, ": the connection was closed", offset + len(content))
        buffer[:wanted] = content
        return wanted

    def fingerprint(self) -> str:
        return fingerprint_of(self.size, self.head(SAMPLE_BYTES), self.tail())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _read(self, count: int, offset: int) -> bytes:
        for wait in (*_WAITS, None):
            try:
                self._file.seek(offset)
                content: bytes = self._file.read(count)
            except _transport_errors():
                if wait is None:
                    raise
            else:
                if len(content) == count or wait is None:
                    return content
            time.sleep(wait)
        return b""

    @contextlib.contextmanager
    def _explained(self, byte: int | None) -> Iterator[None]:
        """Errors of the libraries repeat the whole address, with what may be secret of it."""
        try:
            yield
        except EmbedprepError:
            raise
        except ImportError as error:
            raise UsageError(
                f"a worker lacks the library that reads such an address: {error.name}",
                "Install on each worker 'embedprep[dask]', s3fs for s3, gcsfs for gs addresses.",
                path=self.path,
            ) from None
        except Exception as error:
            raise self._objection(error, byte) from None

    def _objection(self, error: Exception, byte: int | None) -> EmbedprepError:
        if isinstance(error, ValueError):
            return broken(self.path, ", and its server gives no parts of it", byte or 0)
        if not self._name.lower().startswith("http"):
            with objections_to(self.path, byte):
                raise error
        said = _answer(error)
        if byte is None:
            return refused(said, self.path)
        return broken(self.path, f": {why(said)}", byte)


def _open(place: Place) -> Any:
    import fsspec

    scheme = place.name.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        return fsspec.filesystem(scheme).open(place.name, "rb", cache_type="none")
    from aiohttp import ClientTimeout

    filesystem = fsspec.filesystem(
        scheme,
        encoded=True,
        # A server that compresses on the way would make all lengths those of something else.
        headers={"Accept-Encoding": "identity"},
        client_kwargs={
            "trust_env": True,  # proxies, as everywhere
            "timeout": ClientTimeout(
                total=None, sock_connect=_CONNECT_SECONDS, sock_read=_READ_SECONDS
            ),
        },
    )
    return filesystem.open(place.name, "rb", cache_type="none")


class _AnswerError(OSError):
    """An error of HTTP as `requests` has it."""

    def __init__(self, code: int) -> None:
        self.response = SimpleNamespace(status_code=code)


def _answer(error: Exception) -> Exception:
    """What the server said, where that is somewhere in `error`."""
    cause: BaseException | None = error
    while cause is not None:
        code = getattr(cause, "status", None)
        if isinstance(code, int):
            return _AnswerError(code)
        cause = cause.__cause__ or cause.__context__
    return _AnswerError(HTTPStatus.NOT_FOUND) if isinstance(error, FileNotFoundError) else error


def _transport_errors() -> tuple[type[Exception], ...]:
    """What a broken connection raises."""
    try:
        from aiohttp import ClientError
    except ImportError:
        return (OSError,)
    return (OSError, ClientError)
