"""The table of options: what is said once there is true everywhere."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import MISSING
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import embedprep
from embedprep import conversion, vectors, vocabulary
from embedprep.building.job import Job
from embedprep.cli.build import build as build_command
from embedprep.cli.shared_options import values
from embedprep.doctor import examine
from embedprep.errors import UsageError
from embedprep.fallback import table as fallback
from embedprep.options import Options, as_typed, table
from embedprep.post import oov

ROWS = {name: (row, default) for name, row, default in table()}

GIVEN: dict[str, Any] = {
    "oov": "normal", "oov_scale": 0.5, "seed": -3, "num_words": "auto", "dtype": "float16",
    "dim": 3, "combine": "concat", "subwords": False, "compose": False, "vectors_format": "npy",
    "vectors_tokens": "t.txt", "vocab_format": "lines", "on_malformed": "skip",
    "on_duplicate": "error", "key_form": "/c/en/{}", "post": ("abtt:2", "unit"),
    "post_fit": "vectors:9", "post_like": "old.npy", "pad_token": "[P]", "unk_token": "none",
    "special": ("<x>=7",), "rows": 9, "fallback": ("lower", "accents"), "min_gain": 0.25,
    "match_pieces": True, "pieces": "mean", "vectors": ("v.npy",), "vocab": "v.json",
    "output": "m.npy", "report": "r.json", "html": "r.html", "counts": "c.tsv", "words": "w.tsv",
    "text": ("t.txt",), "field": "body", "split": "[^a-z]",
    "trust_pickle": True, "index": "ignore", "engine": "dask", "scheduler": "there:1",
    "worker_timeout": 5.5, "storage_option": ("anon=true",),
    "threads": 2, "clobber": False, "durable": False,
}  # fmt: skip
"""Another value than the default, for every option."""


def test_there_is_a_value_for_every_option() -> None:
    assert GIVEN.keys() == ROWS.keys()
    assert not [name for name, (_, default) in ROWS.items() if GIVEN[name] == default]


@pytest.mark.parametrize(
    ("name", "registry"),
    [
        ("oov", oov.STRATEGIES),
        ("vectors_format", vectors.FORMATS),
        ("vocab_format", vocabulary.FORMATS),
        ("fallback", ("all", "auto", *fallback.RULES)),
    ],
)
def test_values_are_those_that_are_known(name: str, registry: Iterable[str]) -> None:
    assert ROWS[name][0].values == tuple(registry)


def test_convert_names_its_formats() -> None:
    help = CliRunner().invoke(embedprep_cli(), ["convert", "--help"]).output
    listed = " ".join(help.split()).partition("One of: ")[2].partition(".")[0]
    assert listed == ", ".join(conversion.TARGETS)


def embedprep_cli() -> Any:
    from embedprep.cli.commands import cli

    return cli


OTHER_DEFAULTS: dict[Callable[..., Any], dict[str, Any]] = {
    embedprep.update: {"index": None, "vectors": None, "text": None},
    embedprep.verify: {"vectors": None, "vocab": None},
    embedprep.convert: {"vocab": None},
}
"""Where a function does something else unless told."""


@pytest.mark.parametrize(
    "function",
    [
        embedprep.build,
        embedprep.convert,
        embedprep.count,
        embedprep.index,
        embedprep.update,
        embedprep.verify,
        examine,
    ],
    ids=lambda function: function.__name__,
)
def test_defaults_of_functions_are_those_of_the_table(function: Callable[..., Any]) -> None:
    shared = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if name in ROWS
    }
    expected = {name: ROWS[name][1] for name in shared} | OTHER_DEFAULTS.get(function, {})
    needed = {
        name: inspect.Parameter.empty if default is MISSING else default
        for name, default in expected.items()
    }
    if function is embedprep.convert or function is embedprep.index:
        needed["vectors"] = inspect.Parameter.empty
    if function is embedprep.count:
        needed["text"] = inspect.Parameter.empty
    if function is embedprep.convert:
        needed["output"] = inspect.Parameter.empty
    assert shared == needed
    if function is embedprep.build:
        assert shared.keys() == ROWS.keys()


OF_A_VOCABULARY = ("vocab", "output", "report", "html", "counts")
"""On the command line once for each vocabulary."""


def parsed(words: list[str]) -> dict[str, Any]:
    # click keeps the help option that it makes first, for the tests of the help, too.
    names = ["-h", "--help"]
    context = build_command.make_context("build", list(words), help_option_names=names)
    return values(context.params)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_option_as_it_is_typed_is_what_the_command_line_reads(name: str) -> None:
    words = as_typed({name: GIVEN[name]})
    assert words, "it is not the default"
    read = parsed(words)[name]
    if name in OF_A_VOCABULARY:
        [read] = read
    row, _ = ROWS[name]
    assert row.kind.read(name, read) == GIVEN[name]


def test_the_defaults_of_the_command_line_are_those_of_the_table() -> None:
    read = parsed(["--vectors", "v", "--vocab", "v"])
    shared = {name: one for name, one in read.items() if name not in OF_A_VOCABULARY}
    options = Job.of(shared | {"vocab": "v"})
    assert {name: getattr(options, name) for name in shared} == {
        name: ROWS[name][1] for name in shared
    } | {"vectors": ("v",)}


BAD: dict[type, Any] = {str: 5, int: "5", float: "x", bool: "no", tuple: 5}


@pytest.mark.parametrize("name", sorted(ROWS.keys() - {"vocab"}))
def test_a_value_of_another_kind_is_refused(name: str) -> None:
    kind = type(GIVEN[name]) if name != "num_words" else int
    with pytest.raises(UsageError) as caught:
        Job.of({"vectors": "v.txt", "vocab": ["a"], name: BAD[kind]})
    assert f"--{name.replace('_', '-')} cannot be" in caught.value.reason


@pytest.mark.parametrize("given", ["lower,accents", ["lower", "accents"], [" lower ,", "accents"]])
def test_rules_are_named_in_any_way(given: Any) -> None:
    options = Options(fallback=given)
    assert options.fallback == ("lower", "accents")
    assert [rule.name for rule in options.rules or ()] == ["lower", "accents"]


def test_every_option_may_stand_in_a_file_of_builds_unless_it_trusts_others(workdir: Path) -> None:
    from embedprep.cli.jobs_file import read_jobs

    def toml(value: object) -> str:
        if isinstance(value, tuple):
            return f"[{', '.join(map(toml, value))}]"
        return str(value).lower() if isinstance(value, bool) else repr(value)

    told = {name: value for name, value in GIVEN.items() if not ROWS[name][0].is_trust}
    assert GIVEN.keys() - told.keys() == {"trust_pickle", "scheduler"}
    lines = [f"{name.replace('_', '-')} = {toml(value)}" for name, value in told.items()]
    Path("jobs.toml").write_text("[[build]]\n" + "\n".join(lines))
    [build] = read_jobs("jobs.toml")
    assert {name: ROWS[name][0].kind.read(name, one) for name, one in build.items()} == told


def test_the_table_waits_for_nothing_heavy() -> None:
    program = "import sys, embedprep.options; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    assert done.stdout == b"False\n"
