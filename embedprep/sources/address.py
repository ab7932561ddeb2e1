"""Addresses: the supported schemes, and how errors and reports may show an address."""

from __future__ import annotations

import re
from typing import NamedTuple

from embedprep.errors import UsageError


class Scheme(NamedTuple):
    """One kind of address."""

    form: str
    library: str
    """The library that reads it, by its name on PyPI."""
    access: str = "the address and the credentials"
    """What the user should check if it does not open."""

    @property
    def extra(self) -> str:
        """The extra of embedprep that installs the library."""
        name = self.form.partition("://")[0]
        return "remote" if name == "https" else name


_WEB = Scheme("https://HOST/PATH", "fsspec[http]", "the address, for example with curl -I")
_S3 = Scheme("s3://BUCKET/KEY", "s3fs", "the address and the credentials (aws configure)")
_GOOGLE = Scheme(
    "gs://BUCKET/KEY",
    "gcsfs",
    "the address and the credentials (gcloud auth application-default login)",
)
_AZURE = Scheme(
    "az://CONTAINER/BLOB",
    "adlfs",
    "the address, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
)
SCHEMES = {
    "http": _WEB,
    "https": _WEB,
    "s3": _S3,
    "s3a": _S3,
    "gs": _GOOGLE,
    "gcs": _GOOGLE,
    "az": _AZURE,
    "abfs": _AZURE,
    "sftp": Scheme("sftp://HOST/PATH", "sshfs", "the address, and that ssh HOST works"),
    "hf": Scheme(
        "hf://OWNER/REPO/FILE", "huggingface_hub", "the address and the token (hf auth login)"
    ),
}

_ADDRESS = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*(?=://)|{'|'.join(SCHEMES)}):(?P<slashes>/{{0,2}})(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"(.*@)?(\[[^]]*\]|[^:@]*)(:[0-9]*)?", re.DOTALL)
"""The part of a URL before its first slash, unless an unescaped character of a password ended
it.
"""


def scheme_of(path: str) -> str | None:
    """Return the scheme of an address in lower case; None for a path, which has none."""
    match = _ADDRESS.fullmatch(path)
    return match["scheme"].lower() if match else None


def shown(path: str) -> str:
    """Return `path` without its secrets: the user and the password of an address, and its query.

    A password that should have been escaped may contain `/`, `?`, `#` and `@`. So everything that
    could be part of one is cut off first.
    """
    match = _ADDRESS.fullmatch(path)
    if match is None:
        return path
    rest = match["rest"]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if not _HOST.fullmatch(authority) or (":" in authority and rest[len(authority) :][:1] in "?#"):
        rest = rest.rpartition("@")[2]
    is_web = match["scheme"].lower() in ("http", "https")
    rest = re.split("[?#]" if is_web else "[?]", rest, maxsplit=1)[0]
    if re.search("[:@]", rest.partition("/")[0]):
        rest = rest.rpartition("@")[2]
    return f"{match['scheme']}:{match['slashes']}{rest}"


def checked(url: str) -> Scheme:
    """Return the scheme of an address that can be read. Raises UsageError for another."""
    match = _ADDRESS.fullmatch(url)
    name = match["scheme"].lower() if match else ""
    if match is None or name not in SCHEMES:
        remedy = (
            f"embedprep reads {', '.join(SCHEMES)} addresses. Download the file, and give its path."
        )
        if name == "file":
            remedy = f"Give the path alone: {url.partition('://')[2]}"
        raise UsageError(f"it cannot read {name}:// addresses", remedy, path=shown(url))
    scheme = SCHEMES[name]
    is_web = scheme is _WEB
    if match["slashes"] != "//" or not (
        is_web or re.fullmatch("[^/]+/+[^/].*", match["rest"], re.DOTALL)
    ):
        raise UsageError(
            "this is no whole address", f"Give it as in {scheme.form}", path=shown(url)
        )
    return scheme


def refuse_address(path: str, what: str, remedy: str) -> None:
    """Raise UsageError if `path` is an address, where only a file on this machine will do."""
    if "://" in path and scheme_of(path) is not None:
        raise UsageError(f"{what} cannot be at an address", remedy, path=shown(path))
