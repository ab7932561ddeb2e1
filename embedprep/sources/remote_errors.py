"""What goes wrong on the way to an address, in our words.

Those of the libraries repeat the whole address, with whatever is secret of it; so they are also
no cause that a traceback would show.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus

from embedprep.errors import InputError, UsageError, printable, system_reason


def transport_errors() -> tuple[type[Exception], ...]:
    """What a broken connection raises; errors of requests are OSErrors."""
    import http.client

    errors: tuple[type[Exception], ...] = (OSError, http.client.HTTPException)
    with contextlib.suppress(ImportError):  # then nothing can be asked at all
        from urllib3.exceptions import HTTPError

        errors += (HTTPError,)
    return errors


def refused(error: Exception, path: str) -> InputError:
    """There is no file at the address, or none for us."""
    code = getattr(getattr(error, "response", None), "status_code", None)
    remedy = "Check the address and the network: open it in a browser, or try curl -I ADDRESS."
    if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        remedy = "Check that you may read it; a signed address is good for a while only."
    if code is not None and code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        remedy = "Try again later, or fetch the file from another place."
    reason = "this is no address" if isinstance(error, ValueError) else why(error)
    return InputError(f"cannot fetch it: {reason}", remedy, path=path)


def broken(path: str, why: str, byte: int) -> InputError:
    """The file did not come to its end."""
    return InputError(
        f"the download broke off{why}",
        "Download the file first (curl -C - -O ADDRESS goes on where it stopped), and give its "
        "path.",
        path=path,
        byte=byte,
    )


def why(error: BaseException) -> str:
    """The reason of a transport error, as the end of a sentence."""
    import ssl

    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return "the host of the address is not known"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of the server is not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the server does not speak TLS as it should"
        if isinstance(cause, TimeoutError):
            return "the server does not answer in time"
    for cause in causes:
        response = getattr(cause, "response", None)
        if response is not None:
            return f"the server says {_status(response.status_code)}"
        if isinstance(cause, OSError) and cause.strerror:
            return system_reason(cause)
    return "the server closed the connection"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status(code: int) -> str:
    with contextlib.suppress(ValueError):
        return f"{code} {HTTPStatus(code).phrase}"
    return str(code)


@contextlib.contextmanager
def objections_to(path: str, byte: int | None = None) -> Iterator[None]:
    """The clients of object storages raise errors of many families; all are of the input here."""
    try:
        yield
    except (InputError, UsageError):
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0][:300] or type(error).__name__
        raise InputError(
            f"cannot read it: {printable(reason)}",
            "Check the address, and the credentials that its client uses (aws configure, "
            "gcloud auth application-default login).",
            path=path,
            byte=byte,
        ) from None
