"""What a release is made of: links that work on a package index, licences, settings that hold."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import embedprep
from embedprep.sources.address import SCHEMES

ROOT = Path(__file__).parents[1]
URL = "https://example.org/who/embedprep"

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.skipif(not (ROOT / ".ci" / "address.py").exists(), reason="only parts are here"),
]


def pyproject() -> dict[str, dict[str, object]]:
    project: dict[str, dict[str, object]] = tomllib.loads(
        (ROOT / "pyproject.toml").read_text("utf-8")
    )
    return project


def test_the_address_is_written_into_what_an_index_shows(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    for name in (".ci/address.py", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    address = [sys.executable, str(tmp_path / ".ci" / "address.py"), URL, "abc123"]
    subprocess.run(address, check=True)
    readme = (tmp_path / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", readme)
    assert f"{URL}/raw/abc123/docs/images/report.png" in targets
    assert f"{URL}/blob/abc123/docs/index.md" in targets
    assert [one for one in targets if not one.startswith("https://")] == []
    urls = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    assert urls["Source"] == URL
    assert subprocess.run(address, capture_output=True).returncode == 1, "twice"


def test_every_kind_of_address_has_an_extra() -> None:
    extras = pyproject()["project"]["optional-dependencies"]
    assert isinstance(extras, dict)
    for scheme in SCHEMES.values():
        assert any(one.startswith(scheme.library) for one in extras[scheme.extra]), scheme


def test_the_licence_of_the_binding_is_the_one_that_it_has() -> None:
    try:
        files = importlib.metadata.distribution("nanobind").files or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("nanobind is only there while the core is built")
    [told] = [file for file in files if file.name == "LICENSE"]
    assert told.read_text() == (ROOT / "embedprep/_native/licenses/nanobind.txt").read_text("utf-8")


def test_the_quick_tests_are_there() -> None:
    listed = (ROOT / ".ci" / "quick_tests.txt").read_text("utf-8").split()
    assert [name for name in listed if not (name.startswith("--") or (ROOT / name).exists())] == []


def test_the_list_of_what_is_in_the_core_has_a_whole_address_of_each_part() -> None:
    files = importlib.metadata.distribution("embedprep").files or []
    [told] = [file for file in files if file.name == "core.cdx.json"]
    parts = json.loads(told.read_text())["components"]
    assert [part["name"] for part in parts] == ["nanobind", "robin-map"]
    for part in parts:
        name, _, version = part["purl"].partition("@")
        assert name.endswith(f"/{part['name']}")
        assert version.removeprefix("v") == part["version"]


def test_the_version_is_the_same_wherever_it_is_written() -> None:
    version = embedprep.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest is not None
    assert newest[1] == version


def test_the_documentation_names_every_extra() -> None:
    extras = pyproject()["project"]["optional-dependencies"]
    assert isinstance(extras, dict)
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    assert [extra for extra in extras if f"`{extra}`" not in page] == []
