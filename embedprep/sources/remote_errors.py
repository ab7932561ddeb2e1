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
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from embedprep.errors import InputError, printable
from embedprep.errors.addresses import without_secrets
from embedprep.sources.address import checked, downloading

_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def no_file(url: str, reason: str) -> InputError:
    """Return the error for an answer that is not the file."""
    return InputError(
        f"cannot fetch it: {reason}",
        f"Download the file, and give its path: {downloading(url)}",
        path=url,
    )


def refused(error: BaseException, url: str) -> InputError:
    """Return the error of a server that refuses: no file at the address, or none for this user."""
    status, wait = status_of(error), asks_to_wait(error)
    remedy = f"Check {checked(url).access}, and the network."
    if _proxy(error) is not None:
        remedy = (
            "Check the variables HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; NO_PROXY=HOST connects to "
            "HOST without a proxy."
        )
    elif wait:
        remedy = f"Try again in {wait:.0f} seconds, as the server asks."
    elif status in _LATER or (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        remedy = "Try again later, or fetch the file from another place."
    elif url.lower().startswith("http") and status in (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    ):
        remedy = "Check that you may read it; a signed address is good for a while only."
    elif any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        remedy = "If you trust it, name the file of its certificate in REQUESTS_CA_BUNDLE."
    return InputError(f"cannot fetch it: {why(error, url)}", remedy, path=url)


def broken(url: str, why: str, byte: int) -> InputError:
    """Return the error for a file that did not come to its end."""
    return InputError(
        f"the download broke off{why}",
        f"Download the file first, and give its path: {downloading(url)}",
        path=url,
        byte=byte,
    )


def replaced(url: str, byte: int) -> InputError:
    """Return the error for two versions of a file."""
    return InputError(
        "the file was replaced by another while embedprep read it",
        f"Wait until nothing writes to it, and run again; or download it first: {downloading(url)}",
        path=url,
        byte=byte,
    )


def unrepeatable(url: str, byte: int) -> InputError:
    """Return the error for a second request that could get another version of a file."""
    return InputError(
        "this needs a second request, and the server gives nothing to identify the file by, so the "
        "rest could be that of another version",
        f"Download the file first, and give its path: {downloading(url)}",
        path=url,
        byte=byte,
    )


def why(error: BaseException, url: str) -> str:
    """Return the reason of a transport error, as the end of a sentence."""
    proxy, causes = _proxy(error), list(_causes(error))
    kinds = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    # aiohttp's own error about a certificate has no reason, but the one that caused it does.
    reasons = [cause.verify_message for cause in causes if hasattr(cause, "verify_message")]
    who = "the server" if proxy is None else f"the proxy {proxy}"
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            host = "the host of the address" if proxy is None else f"the host of {who}"
            return f"{host} is not known{_redirected(error, url)}"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {who} is not accepted: {' '.join(reasons)}"
        if isinstance(cause, ssl.SSLError):
            return f"{who} does not speak TLS as it should"
        if isinstance(cause, TimeoutError):
            return f"{who} does not answer in time{_redirected(error, url)}"
        if isinstance(cause, ConnectionError) and cause.errno:
            by = f" by {who}" if proxy is not None else ""
            return f"{os.strerror(cause.errno).lower()}{by}{_redirected(error, url)}"
    if isinstance(error, ValueError) and url.lower().startswith("http"):
        return "this is no address. A / ? # or @ in a password is written %2F %3F %23 or %40"
    status = status_of(error)
    if status not in _LATER and not any(
        type(cause).__module__.startswith("aiohttp") for cause in causes
    ):
        return _cleaned(str(error).partition("\n")[0][:300] or type(error).__name__, url)
    if status is not None:
        return f"{who} says {_named(status)}{_redirected(error, url)}"
    if "TooManyRedirects" in kinds:
        return "the server redirects in a circle"
    return f"{who} closed the connection"


def status_of(error: BaseException) -> int | None:
    """Return the status of the answer, from wherever in `error` a library stores it."""
    for cause in _causes(error):
        if any(kind.__name__ == "HttpProcessingError" for kind in type(cause).__mro__):
            return None  # a broken answer, to which aiohttp gives a status of its own
    for cause in _causes(error):
        answer = getattr(cause, "response", None)
        for status in (
            _metadata(cause).get("HTTPStatusCode"),
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
        headers = getattr(cause, "headers", None) or _metadata(cause).get("HTTPHeaders") or {}
        told = headers.get("Retry-After") or headers.get("retry-after") or ""
        if re.fullmatch("[0-9]{1,9}", told):
            return float(told)
        with contextlib.suppress(ValueError):
            return max(parsedate_to_datetime(told).timestamp() - time.time(), 0.0)
    return 0.0


def _metadata(error: BaseException) -> dict[str, Any]:
    """Return what the library of S3 knows of the answer."""
    answer = getattr(error, "response", None)
    return answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}


def _proxy(error: BaseException) -> str | None:
    """Return host and port of the proxy that the error is about."""
    for cause in _causes(error):
        kinds = {kind.__name__ for kind in type(cause).__mro__}
        if "ClientProxyConnectionError" in kinds:
            return f"{getattr(cause, 'host', '?')}:{getattr(cause, 'port', '?')}"
        if "ClientHttpProxyError" in kinds:
            return "of the environment"
        if "ProxyConnectionError" in kinds:  # of botocore
            named = urlsplit(str(getattr(cause, "kwargs", {}).get("proxy_url", "")))
            return f"{named.hostname}:{named.port}"
    return None


def _redirected(error: BaseException, url: str) -> str:
    """Return where the address redirects to, if it is another host that the error is about."""
    asked = urlsplit(url).hostname if url.lower().startswith("http") else None
    for cause in _causes(error):
        request = getattr(cause, "request_info", None)
        host = getattr(getattr(request, "url", None), "host", None) or getattr(cause, "host", None)
        if asked and host and host != asked and _proxy(error) is None:
            return f", at {host}, to which the address redirects"
    return ""


def _cleaned(text: str, url: str) -> str:
    """Return the words of a library without those of the address that are never shown."""
    words = re.compile(r"[^/?#@:&=\s]+")
    for secret in set(words.findall(url)) - set(words.findall(without_secrets(url))):
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
