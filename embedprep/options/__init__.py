"""Every option of a build, named once: its type, default, check and help.

In: what a user asked for.
Out: `Options` and `Arguments`, whose fields are checked.
May import: sources, fallback, vocabulary.

The command line, `jobs.toml`, `embedprep.build` and the command that the page shows are made from
these fields. Nothing heavy is imported: `--help` waits for this room. `kinds` says what an option
is, `arguments` how a value is read and checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from embedprep.errors import UsageError
from embedprep.options import arguments
from embedprep.options.arguments import OnMalformed, Vocab, bad_value
from embedprep.options.kinds import (
    EVERYDAY,
    FILE,
    FILES,
    FINDING,
    INPUTS,
    NAMES,
    NUMBER,
    NUMBER_OR_MATCH,
    OUTPUT,
    POSITIVE,
    POSITIVE_OR_AUTO,
    POST,
    ROWS,
    SPEED,
    STEPS,
    STRICTNESS,
    TEXT,
    VOCAB,
    WHOLE,
    WITHOUT_VECTOR,
    Kind,
    Option,
    flag_field,
    option_field,
)
from embedprep.options.steps import ROWS_FOUND, STEP_NAMES, Step, parsed_step, records_to_fit

if TYPE_CHECKING:
    from embedprep.fallback.rule import Rule
    from embedprep.vocabulary.options import VocabularyOptions

_LARGEST_FLOAT32 = 3.4028234663852886e38
DTYPES = {"float32": _LARGEST_FLOAT32, "float16": 65504.0, "int8": _LARGEST_FLOAT32}
"""The types of the matrix, and the largest value of each; int8 has a float32 scale a row."""

Combine = Literal["fill", "concat"]
Engine = Literal["local", "dask"]
OfPieces = Literal["none", "mean"]
OnDuplicate = Literal["first", "last", "error"]
UseOfIndex = Literal["use", "make", "ignore"]
"""`use` an index that fits, `make` one on the way if there is none, or `ignore` it."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Options:
    """The options that change the result. The report has them all."""

    oov: str = option_field(
        WITHOUT_VECTOR,
        TEXT,
        "uniform",
        "Fill the rows of tokens without a vector: with zeros, random numbers within --oov-scale "
        "(uniform), random numbers distributed like the vectors found (normal), or the mean of the "
        "vectors found.",
        values=("zeros", "uniform", "normal", "mean"),
    )
    oov_scale: float | Literal["match"] = option_field(
        WITHOUT_VECTOR,
        NUMBER_OR_MATCH,
        0.25,
        "Draw the numbers of --oov uniform from -X to X. A number of at least 0; match takes the "
        "one that makes these rows as long as the rows found.",
    )
    seed: int = option_field(
        WITHOUT_VECTOR,
        WHOLE,
        0,
        "Use N as the seed of the random rows. A row depends on N and its token alone.",
    )
    num_words: int | Literal["auto"] | None = option_field(
        ROWS,
        POSITIVE_OR_AUTO,
        None,
        "Make rows for the ids below N only; auto takes N from a Keras tokenizer's file.",
        default_shown="all ids",
    )
    dtype: str = option_field(
        OUTPUT,
        TEXT,
        "float32",
        "Store the matrix as this type. int8 has a scale a row, as Keras quantises.",
        values=tuple(DTYPES),
    )
    post: tuple[str, ...] = option_field(
        POST,
        STEPS,
        (),
        "Change the rows found by these steps, in this order: subtract the mean (center), also "
        "remove the N main directions (abtt:N), reduce to N columns or to a share of the variance "
        "(pca:96, pca:0.95), make rows 1 long (unit), weigh them by the frequency of their tokens "
        "(sif, sif:A).",
        values=STEP_NAMES,
        default_shown="none",
    )
    post_fit: str = option_field(
        POST,
        Kind(arguments.read_text, metavar="rows|vectors:N"),
        ROWS_FOUND,
        "Fit the steps of --post on the rows found (rows), or on the first N records of the "
        "vectors (vectors:N).",
    )
    post_like: str | None = option_field(
        POST,
        FILE,
        None,
        "Do with the rows found what --post did with those of the matrix FILE, and fit nothing.",
        default_shown="none",
    )
    dim: int | None = option_field(
        STRICTNESS, POSITIVE, None, "Refuse vectors that do not have N values.", default_shown="any"
    )
    combine: Combine = option_field(
        INPUTS,
        TEXT,
        "fill",
        "Combine several --vectors: a later file fills the rows that earlier ones left (fill), or "
        "their vectors stand side by side (concat).",
        values=get_args(Combine),
    )
    subwords: bool = flag_field(
        FINDING,
        "--no-subwords",
        True,
        "Do not compose vectors from the n-grams of a fastText .bin for words that it lacks; leave "
        "them to --oov.",
    )
    compose: bool = flag_field(
        FINDING,
        "--no-compose",
        True,
        "Do not compose vectors for tokens that a model's table lacks from the pieces that its "
        "tokenizer splits them into; leave them to --oov.",
    )
    vectors_format: str | None = option_field(
        INPUTS,
        TEXT,
        None,
        "Override the detected format of the vector file.",
        values=(
            *("text", "glove", "word2vec", "tsv", "word2vec-binary", "fasttext", "npy", "hdf5"),
            *("safetensors", "gensim", "model2vec", "model", "spacy"),
        ),
        default_shown="detected",
    )
    vectors_tokens: str | None = option_field(
        INPUTS,
        FILE,
        None,
        "Read the keys of a .npy or .safetensors from FILE, a key for each row.",
        default_shown="a list beside the vectors",
    )
    vocab_format: str | None = option_field(
        INPUTS,
        TEXT,
        None,
        "Override the detected format of the vocabulary.",
        values=(
            *("keras-tokenizer", "keras-layer", "huggingface-tokenizer", "tekken"),
            *("tiktoken-json", "token-map", "inverse-map", "token-list", "scored-list"),
            *("pairs", "lines", "csv", "token-id", "id-token", "sentencepiece"),
            *("sentencepiece-model", "fairseq", "marian", "gensim-dictionary", "tfds"),
            *("allennlp", "tiktoken", "rwkv"),
        ),
        default_shown="detected",
    )
    key_form: str | None = option_field(
        INPUTS,
        Kind(arguments.read_text, metavar="FORM,..."),
        None,
        "Look for a word as the vector file writes it, {} in FORM for the word: '/c/en/{}', "
        "'{}_NOUN,{}_VERB', 'B64:{base64}'. If several records fit, the first in the file wins.",
        default_shown="{}",
    )
    pad_token: str | None = option_field(
        ROWS,
        Kind(arguments.read_text, metavar="TOKEN"),
        None,
        "Name the padding token, whose row is zeros; none if there is no padding.",
        default_shown="what the tokenizer's files or the usual names say",
    )
    unk_token: str | None = option_field(
        ROWS,
        Kind(arguments.read_text, metavar="TOKEN"),
        None,
        "Name the token for unknown words; none if there is no such token.",
        default_shown="what the tokenizer's files or the usual names say",
    )
    special: tuple[str, ...] = option_field(
        ROWS,
        Kind(arguments.read_texts, metavar="TOKEN=ID", is_list=True),
        (),
        "Add a special token with its id, or mark a token of the vocabulary as special. Repeat "
        "it for several.",
    )
    rows: int | None = option_field(
        ROWS,
        POSITIVE,
        None,
        "Make N rows, for a model that pads its vocabulary. N is at least the highest id + 1.",
        default_shown="the highest id + 1",
    )
    on_malformed: OnMalformed = option_field(
        STRICTNESS,
        TEXT,
        "error",
        "Stop at a damaged record (error), or leave it out (skip): a record of another "
        "width, or with a value that is not a finite number.",
        values=get_args(OnMalformed),
    )
    on_duplicate: OnDuplicate = option_field(
        STRICTNESS,
        TEXT,
        "first",
        "Choose between several records of one key: take the first or the last, or stop.",
        values=get_args(OnDuplicate),
    )
    fallback: tuple[str, ...] = option_field(
        EVERYDAY,
        NAMES,
        (),
        "Look for other forms of a token that has no vector, by these rules, best first. all uses "
        "every rule; auto reads the vectors twice and uses the rules that gain --min-gain.",
        values=(
            *("all", "auto", "nfc", "nfkc", "quotes", "digits-ascii", "lower", "title"),
            *("upper", "accents", "hyphen", "underscore", "space", "strip-punctuation"),
            *("possessive", "digits-hash", "digits-zero", "contraction", "compound"),
        ),
        default_shown="none",
    )
    min_gain: float = option_field(
        FINDING,
        NUMBER,
        0.001,
        "Recommend a fallback rule, and let --fallback auto use it, if it gains this share of the "
        "text. A number from 0 to 1.",
    )
    field: str | None = option_field(
        INPUTS,
        Kind(arguments.read_text, metavar="NAME"),
        None,
        "Read --text as JSON lines, whose texts are in the field NAME.",
        default_shown="each line is a text",
    )
    split: str | None = option_field(
        INPUTS,
        Kind(arguments.read_text, metavar="REGEX"),
        None,
        "Split --text at REGEX, if the vocabulary is a plain list of words.",
        default_shown="white space",
    )
    match_pieces: bool = flag_field(
        FINDING,
        "--match-pieces",
        False,
        "Give a piece from inside a word the vector of the word that is spelt the same.",
    )
    pieces: OfPieces = option_field(
        FINDING,
        TEXT,
        "none",
        "Give a piece without a vector the mean of the vectors of the --words that contain it "
        "(mean), or leave it to --oov (none).",
        values=get_args(OfPieces),
    )

    def __post_init__(self) -> None:
        for name, option, default in table(type(self)):
            object.__setattr__(self, name, option.read(name, getattr(self, name), default))
        for name, largest in (("oov_scale", DTYPES[self.dtype]), ("min_gain", 1)):
            value = getattr(self, name)
            if value != "match" and not 0 <= value <= largest:  # nan is neither
                expected = f"a number from 0 to {largest:g}"
                raise bad_value(name, value, expected)
        # Raises for a rule, a special token or a step that is none.
        _ = self.rules, self.of_vocabulary, self.steps, records_to_fit(self.post_fit)
        if self.post and self.post_like is not None:
            raise UsageError(
                "--post names steps, and --post-like takes those of a matrix",
                "Give one of them.",
            )

    @cached_property
    def rules(self) -> tuple[Rule, ...] | None:
        """The fallback rules; None where the vector files are to decide."""
        from embedprep.fallback.choice import rules_named

        return rules_named(self.fallback)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of `--post`."""
        return tuple(map(parsed_step, self.post))

    @cached_property
    def of_vocabulary(self) -> VocabularyOptions:
        """The options for reading the vocabulary."""
        from embedprep.vocabulary.options import VocabularyOptions, parsed_special

        return VocabularyOptions(
            format=self.vocab_format,
            pad_token=self.pad_token,
            unk_token=self.unk_token,
            special=tuple(map(parsed_special, self.special)),
            rows=self.rows,
        )

    def as_told(self) -> dict[str, Any]:
        """Return the options by name, as the report has them."""
        return {name: getattr(self, name) for name, _, _ in table(Options)}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Arguments(Options):
    """Everything that a build can be asked for: the fields of a `Job`, which is what is made."""

    vectors: tuple[str, ...] = option_field(
        EVERYDAY,
        FILES,
        MISSING,
        "Read vectors from FILE, compressed or not: text, word2vec or fastText .bin, .npy, .h5, "
        ".safetensors, a model's folder; ARCHIVE::MEMBER; an address; or - for standard input. "
        "Repeat it for several files: see --combine.",
    )
    vocab: Vocab = option_field(
        EVERYDAY,
        VOCAB,
        MISSING,
        "Read the tokenizer's vocabulary from FILE; its format is detected. Repeat it, each time "
        "with its own -o, to read the vectors once for several vocabularies.",
    )
    output: str | None = option_field(
        EVERYDAY,
        FILE,
        None,
        "Write the matrix to FILE; its ending chooses the format: .npy, .h5, .hdf5, .safetensors, "
        "or / for the folder of a static model with the vocabulary's tokenizer.json.",
        default_shown="embeddings.npy",
        short="-o",
    )
    report: str | None = option_field(
        OUTPUT,
        FILE,
        None,
        "Write the coverage report to FILE, as JSON.",
        default_shown="beside the output, .coverage.json",
    )
    html: str | None = option_field(
        EVERYDAY, FILE, None, "Also write the coverage report to FILE, as one HTML page."
    )
    text: tuple[str, ...] = option_field(
        EVERYDAY,
        FILES,
        (),
        "Measure the coverage of the text in FILE, compressed or not, with a text a line: the "
        "vocabulary's own tokenizer splits it. A folder stands for the files below it, - for "
        "standard input. Repeat it for several.",
    )
    counts: str | None = option_field(
        EVERYDAY,
        FILE,
        None,
        "Weight the coverage by the token frequencies in FILE: a JSON map, or lines "
        "token<TAB>count.",
    )
    words: str | None = option_field(
        FINDING,
        FILE,
        None,
        "Read the word frequencies for --pieces mean from FILE: a JSON map, or lines "
        "word<TAB>count.",
        default_shown="the words of --text",
    )
    trust_pickle: bool = flag_field(
        INPUTS,
        "--trust-pickle",
        False,
        "Load a file that gensim saved (.kv, .model). It is a pickle, which can run any code.",
        is_trust=True,
    )
    index: UseOfIndex = option_field(
        SPEED,
        TEXT,
        "use",
        "Write an index of the vectors if there is none, so that later builds read only the "
        "vectors they want; --no-index reads the whole file even if there is one.",
        values=get_args(UseOfIndex),
        default_shown="use an index that is there",
        flags={"--index": "make", "--no-index": "ignore"},
    )
    engine: Engine = option_field(
        SPEED,
        TEXT,
        "local",
        "Read the vectors on this machine (local), or with the workers of a Dask cluster (dask).",
        values=get_args(Engine),
    )
    scheduler: str | None = option_field(
        SPEED,
        Kind(arguments.read_text, metavar="ADDRESS"),
        None,
        "Address of the Dask scheduler, or its scheduler file, for --engine dask.",
        default_shown="new processes on this machine",
        is_trust=True,  # a scheduler answers with pickles
    )
    worker_timeout: float = option_field(
        SPEED,
        Kind(arguments.read_number, (int, float), "SECONDS"),
        20,
        "Stop if the Dask cluster has no worker for so many seconds, or one does not answer.",
    )
    storage_option: tuple[str, ...] = option_field(
        INPUTS,
        Kind(arguments.read_texts, metavar="NAME=VALUE", is_list=True),
        (),
        "Reach s3, gs and other addresses with this option of their library, such as anon=true, "
        "requester_pays=true or endpoint_url=URL. Repeat it for several.",
        default_shown="those in EMBEDPREP_STORAGE_OPTIONS",
    )
    threads: int | None = option_field(
        SPEED,
        POSITIVE,
        None,
        "Read with N threads, or with N processes if you say --engine dask.",
        default_shown="one per core",
    )
    clobber: bool = flag_field(
        OUTPUT, "--no-clobber", True, "Stop if an output already exists, instead of replacing it."
    )
    durable: bool = flag_field(
        OUTPUT, "--no-sync", True, "Do not wait until the data is on the disk: faster, less safe."
    )


Row = tuple[str, Option, Any]
"""The name of an option, its description, and its default, MISSING if there is none."""


def table(of: type[Options] = Arguments) -> list[Row]:
    """Return all options of a class."""
    return [
        (one.name, one.metadata["option"], one.default)
        for one in fields(of)
        if "option" in one.metadata
    ]


def as_typed(given: Mapping[str, Any]) -> list[str]:
    """Return these options as words on a command line, without those that have their default."""
    words: list[str] = []
    for name, option, default in table():
        value = given.get(name, default)
        if isinstance(value, list):  # as JSON has it
            value = tuple(value)
        if value is not None and value != default:
            words += _typed(name, option, value)
    return words


def _typed(name: str, option: Option, value: object) -> list[str]:
    for flag, meaning in option.flags.items():
        if value == meaning:
            return [flag]
    flag = "--" + name.replace("_", "-")
    values = value if option.kind.is_list and isinstance(value, Sequence) else [value]
    texts = [str(one) for one in values]
    if option.kind.is_joined:
        texts = [",".join(texts)]
    return [
        word
        for text in texts
        for word in ([f"{flag}={text}"] if text.startswith("-") else [flag, text])
    ]
