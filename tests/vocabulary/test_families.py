"""The registry: each family has a file here, and no other family claims it."""

from __future__ import annotations

import json
from collections import OrderedDict
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedprep.errors import InputError, UsageError
from embedprep.vocabulary import FORMATS, Vocabulary, json_text, line_text, read
from embedprep.vocabulary.content import BinaryShape, Content, JsonShape, LineShape, Unclear
from embedprep.vocabulary.families import FAMILIES

# Each file as its writer writes it, and the token that stands at each row.
WRITTEN: dict[str, tuple[bytes, dict[int, str]]] = {
    "keras-tokenizer": (
        b'{"class_name": "Tokenizer", "config": {"num_words": 3, "lower": true, "oov_token": '
        b'"<OOV>", "document_count": 1, "word_counts": "{\\"the\\": 2, \\"cat\\": 1}", '
        b'"index_word": "{\\"1\\": \\"<OOV>\\", \\"2\\": \\"the\\", \\"3\\": \\"cat\\"}", '
        b'"word_index": "{\\"<OOV>\\": 1, \\"the\\": 2, \\"cat\\": 3}"}}',
        {1: "<OOV>", 2: "the", 3: "cat"},
    ),
    "keras-layer": (
        b'{"module": "keras.layers", "class_name": "TextVectorization", "config": '
        b'{"output_mode": "int", "vocabulary": ["the", "cat"], "vocabulary_size": 4}, '
        b'"registered_name": null}',
        {0: "", 1: "[UNK]", 2: "the", 3: "cat"},
    ),
    "huggingface-tokenizer": (
        b'{"version":"1.0","truncation":null,"padding":null,"added_tokens":[{"id":0,"content":'
        b'"[UNK]","special":true}],"normalizer":null,"pre_tokenizer":{"type":"Whitespace"},'
        b'"decoder":null,"model":{"type":"WordLevel","vocab":{"[UNK]":0,"the":1},'
        b'"unk_token":"[UNK]"}}',
        {0: "[UNK]", 1: "the"},
    ),
    "token-map": (
        '{"<|endoftext|>":0,"Ġthe":1,"!":2}'.encode(),
        {0: "<|endoftext|>", 1: "Ġthe", 2: "!"},
    ),
    "inverse-map": (b'{"0": "the", "2": "cat"}', {0: "the", 2: "cat"}),
    "token-list": (b'["", "[UNK]", "the", "[UNK]"]', {0: "", 1: "[UNK]", 2: "the", 3: "[UNK]"}),
    "scored-list": (
        '[["<unk>", 0.0], ["▁the", -1.5], ["s", -2]]'.encode(),
        {0: "<unk>", 1: "▁the", 2: "s"},
    ),
    "lines": (b"[PAD]\n[UNK]\n\nthe\n##s\n", {0: "[PAD]", 1: "[UNK]", 2: "", 3: "the", 4: "##s"}),
    "sentencepiece": (
        "<unk>\t0\n<s>\t0\n</s>\t0\n▁the\t-1.5\ns\t-2.75e-05\n".encode(),
        {0: "<unk>", 1: "<s>", 2: "</s>", 3: "▁the", 4: "s"},
    ),
    "fairseq": (
        b"the 12\ncat 3\nmadeupword0000 0\n",
        {0: "<s>", 1: "<pad>", 2: "</s>", 3: "<unk>", 4: "the", 5: "cat", 6: "madeupword0000"},
    ),
    "gensim-dictionary": (b"2\n1\tcat\t1\n0\tthe\t2\n", {0: "the", 1: "cat"}),
    "tiktoken": (
        b"IQ== 0\nIHRoZQ== 1\n4pY= 2\n= 5\n",
        {0: "!", 1: "Ġthe", 2: "âĸ", 5: ""},
    ),
    "token-id": (b"<eps> 0\nthe 1\ncat 4\n", {0: "<eps>", 1: "the", 4: "cat"}),
    "id-token": (b"0\t[PAD]\n2\tthe\n", {0: "[PAD]", 2: "the"}),
    "marian": (
        b"\"</s>\": 0\n<unk>: 1\n'it''s': 2\n\"caf\\xe9\": 3\na:b: 4\n",
        {0: "</s>", 1: "<unk>", 2: "it's", 3: "café", 4: "a:b"},
    ),
    "rwkv": (
        b"1 '\\x00' 1\n2 ' the' 4\n3 b'\\xe9' 1\n5 \"'s\" 2\n",
        {1: "Ā", 2: "Ġthe", 3: "é", 5: "'s"},
    ),
    "csv": (
        b'n,token,id\n7,"a,b",0\n8,the,2\n9,"say ""no""",1\n',
        {0: "a,b", 1: 'say "no"', 2: "the"},
    ),
    "tfds": (
        b'### TokenTextEncoder\n### Metadata: {"lowercase": false, "oov_buckets": 2}\nthe\ncat\n',
        {1: "the", 2: "cat"},
    ),
    "allennlp": (
        b"@@UNKNOWN@@\nthe\n@@NEWLINE@@\n",
        {1: "@@UNKNOWN@@", 2: "the", 3: "\n"},
    ),
    "pairs": (b'[["the", 1], ["of", 2], ["cat", 0]]', {0: "cat", 1: "the", 2: "of"}),
    "tekken": (
        b'{"config": {"default_vocab_size": 4, "default_num_special_tokens": 2}, "vocab": ['
        b'{"rank": 0, "token_bytes": "IHRoZQ==", "token_str": " the"}, '
        b'{"rank": 1, "token_bytes": "4pY=", "token_str": null}, '
        b'{"rank": 2, "token_bytes": "IQ==", "token_str": "!"}], '
        b'"special_tokens": [{"rank": 0, "token_str": "<unk>", "is_control": true}]}',
        {0: "<unk>", 2: "Ġthe", 3: "âĸ"},
    ),
    "tiktoken-json": (
        b'{"explicit_n_vocab": 6, "pat_str": "x", "special_tokens": {"<EOT>": 0}, '
        b'"bpe_ranks": "! 1 IHRoZQ== aW5n\\n! 5 IQ=="}',
        {0: "<EOT>", 1: "Ġthe", 2: "ing", 5: "!"},
    ),
    "sentencepiece-model": (
        b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02"
        b"\n\x0d\n\x06\xe2\x96\x81the\x15\x00\x00\x80\xbf"
        b"\n\x0f\n\x06<0x0A>\x15\x00\x00\x00\x00\x18\x06",
        {0: "<unk>", 1: "▁the", 2: "<0x0A>"},
    ),
}
MORE_ROWS = {"tfds": 2, "tekken": 0}
"""How many rows without a token a file asks for after its last id."""

written = pytest.mark.parametrize("name", FORMATS)


def rows_of(vocabulary: Vocabulary) -> dict[int, str]:
    """The token at each row, after checking what every vocabulary promises."""
    assert vocabulary.rows.dtype == np.int64
    assert vocabulary.roles.dtype == np.uint8
    assert np.all(np.diff(vocabulary.rows) > 0)
    assert len(vocabulary.tokens) == len(vocabulary.rows) == len(vocabulary.roles)
    more = MORE_ROWS.get(vocabulary.format, 0)
    assert vocabulary.n_rows == vocabulary.rows[-1] + 1 + more
    return dict(zip(vocabulary.rows.tolist(), vocabulary.tokens, strict=True))


def test_every_family_has_a_file_here() -> None:
    assert set(WRITTEN) == set(FORMATS)
    assert len(FORMATS) == len(set(FORMATS))


@written
def test_reads_what_the_writer_wrote(name: str, tmp_path: Path) -> None:
    file = tmp_path / "any name.bin"
    data, rows = WRITTEN[name]
    file.write_bytes(data)
    vocabulary = read(file)
    assert vocabulary.format == name
    assert rows_of(vocabulary) == rows
    assert vocabulary.path == str(file)


@written
def test_exactly_one_family_claims_it(name: str) -> None:
    data = WRITTEN[name][0]
    content = Content(BinaryShape.SENTENCEPIECE, data)
    if name != "sentencepiece-model":
        is_json = json_text.looks_like_json(data.decode())
        content = (json_text if is_json else line_text).content_of_text(data.decode())
    assert [family.name for family in FAMILIES if family.claims(content)] == [name]


def test_no_shape_has_two_families() -> None:
    """A shape without lists or maps inside leaves nothing to tell two families apart."""
    samples: dict[JsonShape, Any] = {
        JsonShape.STRINGS: ["a"],
        JsonShape.SCORED: [["a", -1]],
        JsonShape.PAIRS: [["a", 0], ["b", 1]],
        JsonShape.NUMBERS: {"a": 1},
        JsonShape.NUMBERED_STRINGS: {"1": "a"},
        JsonShape.RECORD: {"a": []},
        JsonShape.UNKNOWN: 1,
    }
    assert set(samples) == set(JsonShape)
    for shape, value in samples.items():
        content = json_text.content_of_value(value)
        assert content.shape is shape
        claims = [family.name for family in FAMILIES if family.claims(content)]
        assert len(claims) == (shape not in {JsonShape.RECORD, JsonShape.UNKNOWN}), claims


@pytest.mark.parametrize("shape", LineShape)
def test_no_sort_of_lines_has_two_families(shape: LineShape) -> None:
    claims = [family.name for family in FAMILIES if family.claims(Content(shape, []))]
    assert len(claims) == 1, claims


@pytest.mark.parametrize("shape", Unclear)
def test_what_is_unclear_has_no_family(shape: Unclear) -> None:
    assert not [family.name for family in FAMILIES if family.claims(Content(shape, [["a", 1]]))]


INNER: list[Any] = [{}, {"vocab": {"a": 0}}, {"vocab": [["a", 0]]}, {"vocabulary": ["a"]}, [], "a"]


@pytest.mark.parametrize("class_name", ["Tokenizer", "StringLookup", "Sequential", "", None, 1, []])
def test_no_map_of_maps_has_two_families(class_name: Any) -> None:
    """Else their order would matter."""
    for config, model in product(INNER, INNER):
        value = {"class_name": class_name, "config": config, "model": model}
        content = Content(JsonShape.RECORD, value)
        claims = [family.name for family in FAMILIES if family.claims(content)]
        assert len(claims) <= 1, value


@written
def test_naming_the_format_changes_nothing(name: str, tmp_path: Path) -> None:
    file = tmp_path / "vocabulary"
    file.write_bytes(WRITTEN[name][0])
    assert rows_of(read(file, format=name)) == WRITTEN[name][1]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "sentencepiece-model"])
def test_byte_order_mark_and_crlf_change_nothing(name: str, tmp_path: Path) -> None:
    file = tmp_path / "vocabulary"
    file.write_bytes(b"\xef\xbb\xbf" + WRITTEN[name][0].replace(b"\n", b"\r\n"))
    assert rows_of(read(str(file))) == WRITTEN[name][1]


def test_an_unknown_format_is_answered_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match="no vocabulary format 'vocab'") as caught:
        read(["a"], format="vocab")
    assert all(name in caught.value.remedy for name in FORMATS)


def test_the_types_in_a_json_file_cannot_be_talked_away(tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text('{"a": 0}')
    with pytest.raises(InputError, match="not in the format token-list: it is a JSON map"):
        read(file, format="token-list")


def test_lines_can_be_read_as_whatever_the_user_says(tmp_path: Path) -> None:
    file = tmp_path / "dict.txt"
    file.write_text("the 12\ncat 3\n")
    assert rows_of(read(file, format="lines")) == {0: "the 12", 1: "cat 3"}
    file.write_text('{"a": 1}\n')
    assert rows_of(read(file, format="lines")) == {0: '{"a": 1}'}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("sentencepiece", "the\t-1\ncat\n", 2),
        ("fairseq", "the 1\ncat\n", 2),
        ("fairseq", f"the {'9' * 5000}\n", 1),
        ("gensim-dictionary", "2\n0\tthe\t1\ncat\n", 3),
        ("gensim-dictionary", "0\tthe\t1\ncat\n", 2),
        ("tiktoken", "IQ== 0\n!! 1\n", 2),
        ("tiktoken", "IQ== 0\nIQ=== 1\n", 2),
        ("tiktoken", "IQ== 0\nIQ==\n", 2),
        ("token-id", "the 0\ncat\n", 2),
        ("token-id", "the 0\ncat x\n", 2),
        ("id-token", "0 the\ncat 1\n", 2),
        ("marian", "the: 0\ncat 1\n", 2),
        ("marian", 'the: 0\n"\\q": 1\n', 2),
        ("marian", 'the: 0\n"a" b: 1\n', 2),
        ("rwkv", "1 'a' 1\n2 a 1\n", 2),
        ("rwkv", "1 'a' 1\n2 'ab' 1\n", 2),
        ("rwkv", "1 'a' 1\n2 '\\x' 1\n", 2),
        ("tfds", "the\ncat\n", 1),
    ],
)
def test_a_line_of_another_family_is_named(name: str, text: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "vocabulary"
    file.write_text(text)
    with pytest.raises(InputError, match=r": not (an?|the) ") as caught:
        read(file, format=name)
    assert (caught.value.line, caught.value.path) == (line, str(file))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"model": 0, "config": 1, "class_name": 2, "vocab": 3}, "token-map"),
        ({"vocab": 0}, "token-map"),
        ({"0": 0, "1": 1}, "token-map"),
        (["model", "config", "class_name"], "token-list"),
        ({"0": "vocab", "1": "itos"}, "inverse-map"),
        ({"class_name": "StringLookup", "config": {"vocabulary": ["model"]}}, "keras-layer"),
        ({"model": {"vocab": {"class_name": 0}}}, "huggingface-tokenizer"),
    ],
)
def test_only_the_types_of_the_values_tell(content: Any, name: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab"
    file.write_text(json.dumps(content))
    assert read(file).format == name


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"word_index": {"the": 0}}, "token-map"),
        ({"vocab": {"the": 0}}, "token-map"),
        ({"stoi": {"the": 0}}, "token-map"),
        ({"itos": ["the"]}, "token-list"),
        ({"vocab": [["the", -1.0]]}, "scored-list"),
        ({"index_word": {"0": "the"}}, "inverse-map"),
        ({"word_index": '{"the": 0}'}, "token-map"),
        ('{"the": 0}', "token-map"),
        ('\n["the"]', "token-list"),
        ('{"word_index": "{\\"the\\": 0}"}', "token-map"),
    ],
)
def test_one_wrapper_and_one_string_are_opened(content: Any, name: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab"
    file.write_text(json.dumps(content))
    vocabulary = read(file)
    assert (vocabulary.format, rows_of(vocabulary)) == (name, {0: "the"})


@pytest.mark.parametrize(
    "content",
    [
        [1, 2],
        ["a", ["b", 1]],
        [{"a": 1}],
        {"stoi": {"the": 0}, "itos": ["the"]},
        {"other": {"the": 0}},
        {"vocab": {"vocab": {"the": 0}}},
    ],
)
def test_other_json_is_answered_with_the_formats_that_exist(content: Any, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match="not a vocabulary that embedprep knows") as caught:
        read(file)
    assert all(name in caught.value.remedy for name in FORMATS)


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (["", "[UNK]", "the"], {0: "", 1: "[UNK]", 2: "the"}),
        ([np.str_("the"), np.str_("cat")], {0: "the", 1: "cat"}),
        ({"the": np.int64(4), "cat": 0}, {0: "cat", 4: "the"}),
        (OrderedDict(cat=1), {1: "cat"}),
        ({1: "the", 2: "cat"}, {1: "the", 2: "cat"}),
    ],
)
def test_lists_and_mappings_in_memory(value: Any, rows: dict[int, str]) -> None:
    vocabulary = read(value)
    assert rows_of(vocabulary) == rows
    assert {type(token) for token in vocabulary.tokens} == {str}
    assert vocabulary.path is None


@pytest.mark.parametrize("value", [{1: "a", "1": "b"}, {("a", "b"): 1}, {1.5: "a"}])
def test_keys_in_memory_are_strings_or_numbers(value: Any) -> None:
    with pytest.raises(InputError, match="neither all strings nor all numbers"):
        read(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (["the", b"cat"], "entry 1 of the list is a value of type bytes, not a string"),
        (["the", {"cat"}], "entry 1 of the list is a value of type set, not a string"),
        ({"the": 0, "cat": 10**5000}, "the id a value of type int is beyond 2^31"),
    ],
)
def test_what_json_cannot_spell_is_told_by_its_type(value: Any, reason: str) -> None:
    """Bytes are what TensorFlow and NumPy hand out for strings."""
    with pytest.raises(InputError) as caught:
        read(value)
    assert caught.value.reason == reason


def test_a_vocabulary_that_was_read_is_taken_as_it_is() -> None:
    vocabulary = read(["the", "cat"])
    assert read(vocabulary) is vocabulary


def test_text_formats_need_a_file() -> None:
    with pytest.raises(InputError, match="not in the format lines"):
        read(["a"], format="lines")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a\nb", ("a", "b")),
        ("a\nb\n", ("a", "b")),
        ("a\n\n", ("a", "")),
        ("\n[UNK]\nthe", ("", "[UNK]", "the")),
        ("a\r\n\r\nb\r\n", ("a", "", "b")),
        ("a\x85\u2028\x0bb\nc\n", ("a\x85\u2028\x0bb", "c")),
        ("[PAD]\n[\n]\n", ("[PAD]", "[", "]")),
        ("the\n{\n}\n", ("the", "{", "}")),
        ('"\nb\n', ('"', "b")),
        ("2000\n1999\n", ("2000", "1999")),
        ("a\rb\r\rc\r", ("a", "b", "", "c")),
        ("a\rb\n", ("a", "b")),
        ("a\rb\nc\n", ("a\rb", "c")),
        ("New York\nLos Angeles 5\n", ("New York", "Los Angeles 5")),
        ("a\tb\nc\n", ("a\tb", "c")),
    ],
)
def test_lines_end_at_newlines_only(text: str, tokens: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_bytes(text.encode())
    vocabulary = read(file)
    assert (vocabulary.format, vocabulary.tokens) == ("lines", tokens)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("abcd 0\nefg= 1\n", LineShape.BASE64_RANK),
        ("ab== 9\nefgh 10\n", LineShape.BASE64_RANK),
        ("abcd 0\nefgh 1\n", Unclear.BASE64_OR_TOKEN),
        # No words end in an equals sign: a line out of its place, damaged or repeated is no proof.
        ("AQ== 1\nAA== 0\nAg== 2\n", LineShape.BASE64_RANK),
        ("AA== 0\nAQ== 1\nIGNhd 2\n", LineShape.BASE64_RANK),
        ("AA== 0\nAQ== 1\nAg== 1\n", LineShape.BASE64_RANK),
        ("ab== 5\nefgh 1\n", LineShape.TOKEN_COUNT),
        ("abcd 1\nefgh 1\n", LineShape.TOKEN_COUNT),
        # Numbers that ascend are ids, those that descend are counts.
        ("abc 0\nefgh 1\n", LineShape.TOKEN_ID),
        ("a 0\nb 7\nc 9\n", LineShape.TOKEN_ID),
        ("a 2\nb 0\nc 1\n", LineShape.TOKEN_ID),
        ("a 2\nb 3\nc 1\n\n\n", LineShape.TOKEN_ID),
        ("a\t0\nb\t1\n", LineShape.TOKEN_ID),
        ("a 9\nb 9\nc 2\n", LineShape.TOKEN_COUNT),
        ("a 3\nb 2\nc 1\n", Unclear.UNORDERED_NUMBERS),
        ("a 5\nb 7\nc 5\n", Unclear.UNORDERED_NUMBERS),
        ("a 5\n", Unclear.UNORDERED_NUMBERS),
        ("a\t5\nb\t7\nc\t5\n", Unclear.POSITIVE_NUMBERS),
        ("a\t0.5\nb\t1\n", Unclear.POSITIVE_NUMBERS),
        ("a\tb\t0\nc\td\t1\n", Unclear.COLUMNS),
        ("0\ta\tx\n1\tb\ty\n", Unclear.COLUMNS),
        ("0 a\n2 b\n", LineShape.ID_TOKEN),
        ("0\ta b\n2\tc\n", LineShape.ID_TOKEN),
        ("9\ta\n2\tb\n", Unclear.NUMBER_TOKEN),
        ("9 a\n2 b\n", Unclear.NUMBER_TOKEN),
        ("7 up\n", Unclear.MIXED),
        ("13 0\n262 1\n", Unclear.TWO_NUMBERS),
        ("13\t0\n262\t1\n", Unclear.TWO_NUMBERS),
        ("13 9\n262 7\n", Unclear.TWO_NUMBERS),
        ("262 9\n13 7\n", LineShape.TOKEN_COUNT),
        ("t h 70\nth e 65\n", Unclear.PAIRS),
        ("the 1 2\nof 3 4\n", Unclear.NUMBERS),
        ("2 2\nthe 1 2\nof 3 4\n", Unclear.NUMBERS),
        ("the: 0\nof: 1\n", LineShape.TOKEN_COLON_ID),
        ("4 '\\x03' 1\n5 b'\\xff' 1\n", LineShape.ID_LITERAL_LENGTH),
        ("token,id\nthe,0\n", LineShape.TABLE),
        ("id;word\n0;the\n", LineShape.TABLE),
        ("index\ttoken\n0\tthe\n", LineShape.TABLE),
        ("word,count\nthe,9\n", Unclear.TABLE_OF_COUNTS),
        ("the,0\nof,1\n", Unclear.WITHOUT_HEADER),
        ("0,the\n1,of\n", Unclear.WITHOUT_HEADER),
        ("the,0\nof\ncat\n", LineShape.TOKEN),
        ("word\nthe\nof\n", Unclear.HEADER),
        ("3\nthe\nof\ncat\n", Unclear.HEADER),
        ("4\nthe\nof\ncat\n", LineShape.TOKEN),
        ("1\nthe\n", LineShape.TOKEN),
        ("# of our own corpus\nthe\nof\n", Unclear.HEADER),
        ("// words\nthe\nof\n", Unclear.HEADER),
        ("#\n##\n# #\nthe\n", LineShape.TOKEN),
        ("the\n\nof\n\ncat\n\n", Unclear.BLANK),
        ("\nthe\nof\n\ncat\n", LineShape.TOKEN),
        ("word,x\na,b\n", LineShape.TOKEN),
        ("a 1\nb 2\nc\n", Unclear.MIXED),
        ("a\t1\nb\t2\nc\n", Unclear.MIXED),
        ("a\t-1\n\nb\t-2\nc\t-3\n", Unclear.MIXED),
        ("lower: true\nname: x\n", Unclear.SETTINGS),
        ("this is a text\nof some lines\nright\n", Unclear.PROSE),
        ("{\n  return;\n}\n{\n}\n{\n}\n\n\n\n", Unclear.PROSE),
        ("### TokenTextEncoder\n", LineShape.TFDS),
        ("@@UNKNOWN@@\n", LineShape.ALLENNLP),
        ("a 1 #fairseq:overwrite\nb 1\n", LineShape.TOKEN_COUNT),
        ('"[PAD]": 0\n"{": 1\n', LineShape.TOKEN_COLON_ID),
        (",token\n0,the\n1,of\n", LineShape.TABLE),
        ('"","word"\n"1","the"\n"2","of"\n', Unclear.ROW_NAMES),
        (",word\nthe,x\nof,y\n", LineShape.TOKEN),
        ("- <blank>\n- the\n- of\n", Unclear.YAML),
        ("name: x\ntoken_list:\n- <blank>\n- the\n- of\n", Unclear.YAML),
        ("---\nthe: 0\nof: 1\n", Unclear.YAML),
        ("---\nthe\nof\n", LineShape.TOKEN),
        ("the = 0\nof = 1\n", Unclear.EQUALS),
        ('[vocab]\nthe = 0\n"," = 1\n', Unclear.EQUALS),
        ("t h\nth e\ni n\nin g\nth in\nthe s\n", Unclear.MERGES),
        ("t h\nth e</w>\ni n\nin g\nth in\nin the</w>\n", Unclear.MERGES),
        ("New York\nLos Angeles\nSan Jose\nNew Jersey\n", LineShape.TOKEN),
        ("New York\n leading\ntrailing \n", LineShape.TOKEN),
        ("    9 the\n   10 of\n    3 cat\n", Unclear.NUMBER_TOKEN),
        ("    9 the\n   10 of\n", Unclear.PROSE),
        ("the\nof\n\0\0\0", Unclear.ZERO_BYTES),
        ("the\0of\0", Unclear.ZERO_BYTES),
        ("\0\nthe\nof\n", LineShape.TOKEN),
        ("\0 0\nthe 1\n", LineShape.TOKEN_ID),
        ("a\t0\nb\t-1\n", LineShape.TOKEN_SCORE),
        ("\t\t0\nb\t-1e-05\n", LineShape.TOKEN_SCORE),
        ("\n\t0\n\n\n\t0\nb\t-1\n", LineShape.TOKEN_SCORE),
        ("a\tNN\nb\tVB\n", Unclear.COLUMNS),
        ("7\n0\ta\t5\n", LineShape.ID_TOKEN_COUNT),
        ("0\ta\t5\n3\tb\t6\n", LineShape.ID_TOKEN_COUNT),
        ("a\t" + "1" * 1_000_000 + "x\n", Unclear.COLUMNS),  # in no time
        ("", LineShape.TOKEN),
    ],
)
def test_text_has_one_shape(text: str, shape: LineShape | Unclear) -> None:
    assert line_text.content_of_text(text).shape is shape
