"""safetensors files as vectors: the library writes them, hostile ones are made by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError, UsageError

pytestmark = pytest.mark.once

TOKENS = ["[PAD]", "the", "cat", "dog"]
MATRIX = np.array([[0, 0.5, 0], [1, 2, 3], [4, 5, 6], [7, 8, 9.5]], np.float32)


def written(tensors: dict[str, np.ndarray]) -> bytes:
    library = pytest.importorskip("safetensors.numpy", reason="no safetensors")
    data: bytes = library.save(tensors)
    return data


def by_hand(header: Any, data: bytes = MATRIX.tobytes()) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(shape: Any = (4, 3), offsets: Any = (0, 48), dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def build(path: str, *tokens: str, **options: Any) -> np.ndarray:
    matrix, _ = embedprep.build(path, list(tokens), oov="zeros", **options)
    return matrix


@pytest.fixture(autouse=True)
def files(workdir: Path) -> None:
    Path("m.tokens.json").write_text(json.dumps(TOKENS))


def test_as_the_library_writes_it() -> None:
    Path("m.safetensors").write_bytes(written({"embeddings": MATRIX}))
    matrix, report = embedprep.build("m.safetensors", ["dog", "zebra", "the"], oov="zeros")
    assert np.array_equal(matrix, [MATRIX[3], np.zeros(3), MATRIX[1]])
    (info,) = report.vectors
    assert (info.format, info.records) == ("safetensors", 4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["embeddings", "embedding.weight", "embeddings.weight", "other"])
def test_precisions_and_names(name: str, dtype: Any) -> None:
    values = np.array([[0], [0.1], [1 / 3], [1e-7]], dtype)
    Path("m.safetensors").write_bytes(written({name: values, "bias": np.ones(9, np.float32)}))
    assert np.array_equal(build("m.safetensors", "the", "cat"), values[1:3].astype(np.float32))


def test_bfloat16() -> None:
    halves = (MATRIX.view(np.uint32) >> 16).astype("<u2")
    header = {"embeddings": entry(offsets=(0, 24), dtype="BF16")}
    Path("m.safetensors").write_bytes(by_hand(header, halves.tobytes()))
    assert np.array_equal(build("m.safetensors", "dog"), MATRIX[3:])


def test_the_tokenizer_beside_it() -> None:
    Path("m.safetensors").write_bytes(written({"embedding.weight": MATRIX}))
    Path("m.tokens.json").rename("tokenizer.json")
    assert np.array_equal(build("m.safetensors", "dog"), MATRIX[3:])
    Path("m.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(InputError, match=r"several token lists beside it: tokenizer.json, m.txt"):
        build("m.safetensors", "dog")
    assert np.array_equal(build("m.safetensors", "b", vectors_tokens="m.txt"), MATRIX[1:2])


def test_in_a_stream() -> None:
    tensors: dict[str, np.ndarray]
    tensors = {"embeddings": MATRIX, "z": np.ones(3, np.float32), "a": np.ones(3)}
    Path("m.safetensors.gz").write_bytes(gzip.compress(written(tensors)))
    assert np.array_equal(build("m.safetensors.gz", "dog"), MATRIX[3:])
    tensors = {"embeddings": MATRIX, "weights": np.ones(4, np.float32)}
    Path("m.safetensors.gz").write_bytes(gzip.compress(written(tensors)))
    with pytest.raises(InputError, match="'weights', and cannot be read as a stream"):
        build("m.safetensors.gz", "dog")


def test_a_quantized_vocabulary() -> None:
    mapping, weights = np.array([2, 0, 3, 0]), np.array([1, 0.3, -2, 1 / 3])
    tensors = {"embeddings": MATRIX, "mapping": mapping, "weights": weights}
    Path("m.safetensors").write_bytes(written(tensors))
    expected = (MATRIX[mapping] * weights[:, None]).astype(np.float32)
    assert np.array_equal(build("m.safetensors", "the", "cat", "dog"), expected[1:])
    del tensors["weights"]
    Path("m.safetensors").write_bytes(written(tensors))
    assert np.array_equal(build("m.safetensors", "the", "cat", "dog"), MATRIX[mapping][1:])


def test_more_tokens_than_rows_with_a_mapping() -> None:
    tensors = {"embeddings": MATRIX[:2], "mapping": np.array([1, 1, 0, 1], np.int32)}
    Path("m.safetensors").write_bytes(written(tensors))
    assert np.array_equal(build("m.safetensors", "the", "cat", "dog"), MATRIX[[1, 0, 1]])


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ({"mapping": np.array([0, 1, 2, 4])}, "names rows that the matrix does not have"),
        ({"mapping": np.array([0, 1, 2, -1])}, "names rows that the matrix does not have"),
        ({"mapping": np.array([0, 1, 2])}, "has 3 rows|4 ids"),
        ({"mapping": np.ones(4, np.float32)}, "'mapping' is F32"),
        ({"mapping": np.ones((2, 2), np.int64)}, "several matrices|'mapping' is"),
        ({"weights": np.ones(3, np.float32)}, "3 weights for 4 tokens"),
        ({"weights": np.ones(4, np.int64)}, "'weights' is I64"),
        ({"weights": np.ones((4, 1), np.float32)}, "several matrices|'weights' is"),
    ],
)
def test_what_does_not_belong_to_the_matrix(tensors: dict[str, np.ndarray], reason: str) -> None:
    Path("m.safetensors").write_bytes(written({"embeddings": MATRIX, **tensors}))
    with pytest.raises(InputError, match=reason):
        build("m.safetensors", "the")


def test_a_weight_that_is_not_finite_makes_a_vector_that_is_not() -> None:
    tensors = {"embeddings": MATRIX, "weights": np.array([1, np.nan, 1, 1], np.float32)}
    Path("m.safetensors").write_bytes(written(tensors))
    with pytest.raises(InputError, match="record 'the' has a value that is not finite"):
        build("m.safetensors", "the", "cat")
    assert build("m.safetensors", "the", "cat", on_malformed="skip").tolist() == [
        [0] * 3,
        [4, 5, 6],
    ]


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ({"a": MATRIX, "b": MATRIX}, "several matrices: a, b"),
        ({"embeddings": MATRIX, "embedding.weight": MATRIX}, "several matrices"),
        ({"a": np.ones(3)}, "it holds no matrix"),
        ({"lm_head.weight": MATRIX}, "no input table, but: lm_head.weight"),
        ({"wpe.weight": MATRIX}, "no input table, but: wpe.weight"),
        ({"embeddings": np.ones((4, 3), np.int8)}, "stored as I8, without the scale"),
        ({"embeddings": np.ones((4, 3), np.int64)}, "stored as I64"),
        ({"embeddings": np.ones((4, 0), np.float32)}, "shape"),
        ({}, "it holds no matrix"),
    ],
)
def test_what_is_no_matrix_of_vectors(tensors: dict[str, np.ndarray], reason: str) -> None:
    Path("m.safetensors").write_bytes(written(tensors))
    with pytest.raises(InputError, match=reason) as caught:
        build("m.safetensors", "the")
    assert "I8" not in reason or "quantize_to='float32'" in caught.value.remedy


def test_the_output_layer_is_taken_if_it_is_named() -> None:
    Path("m.safetensors").write_bytes(written({"lm_head.weight": MATRIX}))
    with pytest.raises(InputError, match="no input table") as caught:
        build("m.safetensors", "the")
    name = caught.value.remedy.rpartition(" ")[2]
    assert build(name, "the").tolist() == [[1, 2, 3]]


def test_a_shared_matrix_is_found_under_the_name_that_was_not_kept() -> None:
    library = pytest.importorskip("safetensors.numpy", reason="no safetensors")
    tensors = {"lm_head.weight": MATRIX, "layer.weight": MATRIX + 1}
    shared = {"model.embed_tokens.weight": "lm_head.weight", "format": "pt"}
    Path("m.safetensors").write_bytes(library.save(tensors, metadata=shared))
    assert build("m.safetensors", "the").tolist() == [[1, 2, 3]]


HOSTILE: dict[str, bytes] = {
    "longer than it may be": (100_000_001).to_bytes(8, "little") + b"{" + bytes(100),
    "longer than the file": (99_999_999).to_bytes(8, "little") + b"{" + bytes(100),
    "the longest": b"\xff" * 8 + b"{" + bytes(100),
    "empty": by_hand(b""),
    "no JSON": by_hand(b"{nothing}"),
    "UTF-16": by_hand(json.dumps({"embeddings": entry()}).encode("utf-16")),
    "not UTF-8": by_hand(b'{"\xff": 1}'),
    "deep": by_hand(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "deeper": by_hand(b'{"a":' * 100_000),
    "a list": by_hand([1, 2]),
    "a number": by_hand(5),
    "no entry": by_hand({"embeddings": None}),
    "a list for an entry": by_hand({"embeddings": ["F32", [4, 3], [0, 48]]}),
    "no dtype": by_hand({"embeddings": {"shape": [4, 3], "data_offsets": [0, 48]}}),
    "no shape": by_hand({"embeddings": {"dtype": "F32", "data_offsets": [0, 48]}}),
    "no offsets": by_hand({"embeddings": {"dtype": "F32", "shape": [4, 3]}}),
    "a dtype of a list": by_hand({"embeddings": entry(dtype=["F32"])}),
    "an unknown dtype": by_hand({"embeddings": entry(dtype="F99")}),
    "negative offsets": by_hand({"embeddings": entry(offsets=(-48, 0))}),
    "backward offsets": by_hand({"embeddings": entry(offsets=(48, 0))}),
    "one offset": by_hand({"embeddings": entry(offsets=(48,))}),
    "offsets of a string": by_hand({"embeddings": entry(offsets="ab")}),
    "fractional offsets": by_hand({"embeddings": entry(offsets=(0, 48.0))}),
    "true": by_hand({"embeddings": entry(shape=(True, 12))}),
    "behind the file": by_hand({"embeddings": entry(shape=(5, 3), offsets=(0, 60))}),
    "a gap": by_hand({"embeddings": entry(shape=(3, 3), offsets=(12, 48))}),
    "an overlap": by_hand({"embeddings": entry(), "b": entry((12,), (0, 48))}),
    "bytes behind": by_hand({"embeddings": entry(shape=(3, 3), offsets=(0, 36))}),
    "a shape of other bytes": by_hand({"embeddings": entry(shape=(4, 4))}),
    "a shape that wraps": by_hand({"embeddings": entry(shape=(2**62, 4), offsets=(0, 0))}, b""),
    "a wide row of nothing": by_hand({"embeddings": entry((0, 2**60), (0, 0))}, b""),
    "a huge number": by_hand({"embeddings": entry(shape=(2**70, 0), offsets=(0, 0))}, b""),
    "a negative shape": by_hand({"embeddings": entry(shape=(-4, -3))}),
    "a name twice": by_hand(
        b'{"embeddings":%s,"embeddings":%s}' % ((json.dumps(entry()).encode(),) * 2)
    ),
    "digits without end": by_hand(b'{"a": ' + b"9" * 10_000 + b"}"),
    "infinity": by_hand(b'{"embeddings":{"dtype":"F32","shape":[1e999,3],"data_offsets":[0,48]}}'),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_headers(kind: str) -> None:
    Path("m.safetensors").write_bytes(HOSTILE[kind])
    Path("m.safetensors.gz").write_bytes(gzip.compress(HOSTILE[kind]))
    for name in ("m.safetensors", "m.safetensors.gz"):
        with pytest.raises(InputError):
            build(name, "the", vectors_format="safetensors", vectors_tokens="m.tokens.json")


def test_the_hand_made_header_is_otherwise_right() -> None:
    header = {"__metadata__": {"a": "b"}, "embeddings": entry()}
    Path("m.safetensors").write_bytes(by_hand(header))
    assert np.array_equal(build("m.safetensors", "dog"), MATRIX[3:])


@pytest.mark.parametrize("packed", [False, True])
def test_every_cut_is_an_error(packed: bool) -> None:
    tensors: dict[str, np.ndarray] = {"embeddings": MATRIX}
    if not packed:
        tensors |= {"mapping": np.arange(4), "weights": np.ones(4)}
    data = written(tensors)
    options = {"vectors_format": "safetensors", "vectors_tokens": "m.tokens.json"}
    for size in range(1, len(data)):
        Path("cut").write_bytes(gzip.compress(data[:size]) if packed else data[:size])
        with pytest.raises(InputError):
            build("cut", "the", "cat", **options)
    Path("cut").write_bytes(data)
    assert np.array_equal(build("cut", "the", **options), MATRIX[1:2])


# What embedprep itself has built.

VOCABULARY = ["<pad>", "the", "zebra", "cat", "nul\x00", "\ud800"]


@pytest.fixture(params=["float32", "float16"])
def built(request: pytest.FixtureRequest) -> str:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\ndog 5 6\n")
    embedprep.build("v.txt", VOCABULARY, "built.safetensors", dtype=request.param)
    return "built.safetensors"


def test_only_rows_from_vectors_are_vectors(built: str) -> None:
    for beside in ("built.tokens.json", None):
        if beside is not None:
            assert json.loads(Path(beside).read_bytes()) == VOCABULARY
            Path(beside).write_text('["a", "list", "of", "some", "other", "matrix"]')
        tokens = ["zebra", "cat", "dog", "the", "nul\x00", "<unk>"]
        matrix, report = embedprep.build(built, tokens, oov="zeros")
        assert matrix.tolist() == [[0, 0], [3, 4], [0, 0], [1, 2], [0, 0], [0, 0]]
        (info,) = report.vectors
        assert (info.format, info.records) == ("safetensors", 2)
        Path("built.tokens.json").unlink(missing_ok=True)


def test_the_marks_of_the_tokenizer_do_not_hide_words() -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    embedprep.build("v.txt", ["▁the", "▁cat", "the", "▁zebra", "s"], "m.safetensors")
    assert build("m.safetensors", "cat", "the", "s").tolist() == [[3, 4], [1, 2], [0, 0]]


def test_a_matrix_without_any_vector() -> None:
    Path("v.txt").write_bytes(b"the 1 2\n")
    embedprep.build("v.txt", ["zebra", "lion"], "m.safetensors")
    assert build("m.safetensors", "zebra").tolist() == [[0, 0]]


def test_a_list_of_tokens_beside_its_own_is_refused(built: str) -> None:
    with pytest.raises(UsageError, match="--vectors-tokens"):
        build(built, "the", vectors_tokens="built.tokens.json")


def test_a_built_matrix_in_a_stream_never_loses_its_provenance(built: str) -> None:
    Path("built.safetensors.gz").write_bytes(gzip.compress(Path(built).read_bytes()))
    with pytest.raises(InputError, match=r"embedprep built.*stream") as caught:
        build("built.safetensors.gz", "zebra")
    assert "Decompress" in caught.value.remedy


def test_a_built_matrix_in_the_folder_of_a_model(built: str) -> None:
    """The model's own tokenizer knows nothing of rows that have no vector."""
    embedprep.convert("v.txt", "model/")
    Path(built).replace("model/model.safetensors")
    matrix, report = embedprep.build("model", ["zebra", "cat"], oov="zeros")
    assert matrix.tolist() == [[0, 0], [3, 4]]
    assert report.vectors[0].format == "model2vec"


def test_a_tensor_called_like_one_of_ours_makes_no_built_matrix() -> None:
    tensors: dict[str, np.ndarray] = {"embeddings": MATRIX, "tokens": np.ones(4, np.uint8)}
    Path("m.safetensors").write_bytes(written(tensors))
    assert np.array_equal(build("m.safetensors", "dog"), MATRIX[3:])


def test_every_cut_of_a_built_matrix_is_an_error(built: str) -> None:
    data = Path(built).read_bytes()
    for size in {*range(1, 4200, 41), *range(4200, len(data), 11), len(data) - 1}:
        Path("cut").write_bytes(data[:size])
        with pytest.raises(InputError):
            build("cut", "the")


def test_a_flipped_byte_of_the_header_is_an_error_or_changes_nothing(built: str) -> None:
    data = Path(built).read_bytes()
    for place in range(0, 1200, 7):
        flipped = data[:place] + bytes([data[place] ^ 0x02]) + data[place + 1 :]
        Path(built).write_bytes(flipped)
        try:
            matrix = build(built, "the", "zebra")
        except InputError:
            continue
        assert matrix.tolist() == [[1, 2], [0, 0]]
