"""Addresses: the supported schemes, and what to do with the others."""

from __future__ import annotations

import os
import re
import shlex

from embedprep.errors import UsageError, printable
from embedprep.errors.addresses import parsed, without_secrets
from embedprep.named_tuples import NamedTuple


class Scheme(NamedTuple):
    """One kind of address."""

    form: str
    library: str
    """The library that reads it, by its name on PyPI."""
    access: str
    """The things to check if it does not open."""
    download: str
    """The command that fetches `{address}` into this folder."""
    upload: str | None = None
    """The command that copies `{name}` from this folder to `{address}`."""

    @property
    def extra(self) -> str:
        """The extra of embedprep that installs the library."""
        name = self.form.partition("://")[0]
        return "remote" if name == "https" else name


_WEB = Scheme(
    "https://HOST/PATH",
    "fsspec[http]",
    "the address, for example with curl -I",
    "curl -fLO {address}",
)
_S3 = Scheme(
    "s3://BUCKET/KEY",
    "s3fs",
    "the address and the credentials (aws configure)",
    "aws s3 cp {address} .",
    "aws s3 cp {name} {address}",
)
_GOOGLE = Scheme(
    "gs://BUCKET/KEY",
    "gcsfs",
    "the address and the credentials (gcloud auth application-default login)",
    "gcloud storage cp {address} .",
    "gcloud storage cp {name} {address}",
)
_AZURE = Scheme(
    "az://CONTAINER/BLOB",
    "adlfs",
    "the address, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    "az storage blob download -c CONTAINER -n BLOB -f FILE",
    "az storage blob upload -c CONTAINER -n BLOB -f {name}",
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
    "sftp": Scheme(
        "sftp://HOST/PATH",
        "sshfs",
        "the address, and that ssh HOST works",
        "sftp {address}",
        "scp {name} HOST:PATH",
    ),
    "hf": Scheme(
        "hf://OWNER/REPO/FILE",
        "huggingface_hub",
        "the address and the token (hf auth login)",
        "hf download OWNER/REPO FILE --local-dir .",
        "hf upload OWNER/REPO {name}",
    ),
}


def scheme_of(path: str) -> str | None:
    """Return the scheme of an address in lower case; None for a path, which has none."""
    match = parsed(path)
    return match["scheme"].lower() if match else None


def checked(url: str) -> Scheme:
    """Return the scheme of an address that can be read. Raises UsageError for another."""
    match = parsed(url)
    name = match["scheme"].lower() if match else ""
    if name == "file":
        raise UsageError(
            "a file:// address names a file on this machine by its whole path",
            "Give it as in file:///home/me/vectors.txt, or give the path alone.",
            path=url,
        )
    if match is None or name not in SCHEMES:
        raise UsageError(
            f"it cannot read {name}:// addresses",
            f"embedprep reads {', '.join(SCHEMES)} addresses. Download the file, and give its "
            "path.",
            path=url,
        )
    scheme = SCHEMES[name]
    is_web = scheme is _WEB
    if match["slashes"] != "//" or not (
        is_web or re.fullmatch("[^/]+/+[^/].*", match["rest"], re.DOTALL)
    ):
        raise UsageError("this is no whole address", f"Give it as in {scheme.form}", path=url)
    return scheme


def module_for(url: str) -> str:
    """Return the module that reads an address, as Python imports it."""
    return checked(url).library.partition("[")[0]


def downloading(url: str) -> str:
    """Return the command that downloads the file at an address, for a remedy."""
    scheme = SCHEMES.get(scheme_of(url) or "", _WEB)
    return _command(scheme.download, url)


def refuse_output(path: str) -> None:
    """Raise UsageError if `path` is an address, because embedprep writes to this machine only."""
    if _is_elsewhere(path):
        scheme, name = SCHEMES.get(scheme_of(path) or ""), os.path.basename(path.rstrip("/"))
        remedy = "Write a file on this machine, and copy it there"
        if scheme is not None and scheme.upload is not None:
            remedy += f": {_command(scheme.upload, path, re.split('[?#]', name)[0] or 'FILE')}"
        raise UsageError("an output cannot be at an address", remedy, path=path)


def refuse_address(path: str, what: str) -> None:
    """Raise UsageError if `path` is an address, where only a file on this machine will do."""
    if _is_elsewhere(path):
        raise UsageError(
            f"{what} cannot be at an address; it must be a file on this machine",
            f"Download it first, and give its path: {downloading(path)}",
            path=path,
        )


def _is_elsewhere(path: str) -> bool:
    return "://" in path and scheme_of(path) is not None


def _command(template: str, url: str, name: str = "") -> str:
    words = {"address": without_secrets(url), "name": name}
    return template.format_map({key: shlex.quote(printable(word)) for key, word in words.items()})
