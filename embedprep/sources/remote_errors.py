"""Errors on the way to an address, in our words.

The libraries' own messages repeat the whole address, including any secrets. So they do not become
the cause either, which a traceback would show.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

from embedprep.errors import InputError, printable
from embedprep.sources.address import checked, shown

_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def no_file(path: str, reason: str) -> InputError:
    """Return the error for an answer that is not the file."""
    return InputError(
        f"cannot fetch it: {reason}",
        "Open the address in a browser, save the file, and give its path.",
        path=path,
    )


def refused(error: BaseException, url: str) -> InputError:
    """Return the error of a server that refuses: no file at the address, or none for this user."""
    status = status_of(error)
    remedy = f"Check {checked(url).access}, and the network."
    if status in _LATER or (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        remedy = "Try again later, or fetch the file from another place."
    elif url.lower().startswith("http") and status in (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    ):
        remedy = "Check that you may read it; a signed address is good for a while only."
    elif any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        remedy = "If you trust it, name the file of its certificate in SSL_CERT_FILE."
    return InputError(f"cannot fetch it: {why(error, url)}", remedy, path=shown(url))


def broken(path: str, why: str, byte: int) -> InputError:
    """Return the error for a file that did not come to its end."""
    return InputError(
        f"the download broke off{why}",
        "Download the file first, and give its path. curl -C - -O ADDRESS resumes where it "
        "stopped, if the server can.",
        path=path,
        byte=byte,
    )


def replaced(path: str, byte: int) -> InputError:
    """Return the error for two versions of a file."""
    return broken(path, ", and meanwhile the file was replaced by another", byte)


def why(error: BaseException, url: str) -> str:
    """Return the reason of a transport error, as the end of a sentence."""
    causes = list(_causes(error))
    kinds = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    proxy = "by the proxy of the environment" if "ClientProxyConnectionError" in kinds else ""
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return "the host of the address is not known"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of the server is not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the server does not speak TLS as it should"
        if isinstance(cause, TimeoutError):
            return "the server does not answer in time"
        if isinstance(cause, ConnectionError) and cause.errno:
            return f"{os.strerror(cause.errno).lower()} {proxy}".strip()
    if isinstance(error, ValueError) and url.lower().startswith("http"):
        return "this is no address. A / ? # or @ in a password is written %2F %3F %23 or %40"
    if not any(type(cause).__module__.startswith("aiohttp") for cause in causes):
        return _without_secrets(str(error).partition("\n")[0][:300] or type(error).__name__, url)
    status = status_of(error)
    if status is not None:
        return f"the server says {_named(status)}"
    if "TooManyRedirects" in kinds:
        return "the server redirects in a circle"
    return "the server closed the connection"


def status_of(error: BaseException) -> int | None:
    """Return the status of the answer, from wherever in `error` a library stores it."""
    for cause in _causes(error):
        answer = getattr(cause, "response", None)
        told = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
        for status in (
            told.get("HTTPStatusCode"),
            getattr(cause, "status", None),
            getattr(cause, "status_code", getattr(answer, "status_code", None)),
        ):
            if isinstance(status, int) and status >= HTTPStatus.MULTIPLE_CHOICES:
                return int(status)
    return None


def asks_to_wait(error: BaseException) -> float | None:
    """Return how many seconds a busy server asks to wait; 0 if it does not say."""
    if status_of(error) not in _LATER:
        return None
    for cause in _causes(error):
        told = getattr(cause, "headers", None) or {}
        if re.fullmatch("[0-9]{1,9}", told.get("Retry-After", "")):
            return float(told["Retry-After"])
    return 0.0


def _without_secrets(text: str, url: str) -> str:
    words = re.compile(r"[^/?#@:&=\s]+")
    for secret in set(words.findall(url)) - set(words.findall(shown(url))):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text)
    return printable(text)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _named(code: int) -> str:
    with contextlib.suppress(ValueError):
        return f"{code} {HTTPStatus(code).phrase}"
    return str(code)
