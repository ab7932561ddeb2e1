"""Lines and lists that no family claims: what they seem to be, and the way out of each reading.

Comes in: an `Unclear` shape. Goes out: the `InputError` for it.
"""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.sources.foreign import python
from embedprep.sources.rewriting import command
from embedprep.vocabulary.content import Unclear
from embedprep.vocabulary.refusals import VECTORS_REASON, VECTORS_REMEDY

TURN_ROUND = 'awk \'{n = $1; sub(/^[ \\t]*[0-9]+[ \\t]/, ""); print $0 "\\t" n}\''
"""Writes lines of a number and a token as lines of a token, a tab and the number."""

_PLACES = " If the places of the tokens are their ids, keep the tokens alone" + command(
    "sed 's/[[:blank:]][^[:blank:]]*$//'"
)
_AS_LINES = "\n  If each line is a token, say --vocab-format lines."

_SHAPES: dict[Unclear, tuple[str, str]] = {
    Unclear.POSITIVE_NUMBERS: (
        "has a positive number after each token, which is how counts are written",
        "If they are counts, pass the file with --counts, and the tokenizer's own file with "
        "--vocab. If they are ids, say --vocab-format token-id. "
        "If they are SentencePiece scores, say --vocab-format sentencepiece." + _PLACES,
    ),
    Unclear.UNORDERED_NUMBERS: (
        "has a number after each token, and their order does not tell ids from counts",
        "If they are ids, say --vocab-format token-id. If it is a dictionary of fairseq (its "
        "first line has id 4), say --vocab-format fairseq. If they are counts, pass the file with "
        "--counts, and the tokenizer's own file with --vocab." + _PLACES,
    ),
    Unclear.BASE64_OR_TOKEN: (
        "has tokens that could be words, and could be Base64",
        "If it is a file of tiktoken, say --vocab-format tiktoken. If the tokens are words as "
        "they stand, and the numbers their ids, say --vocab-format token-id.",
    ),
    Unclear.TWO_NUMBERS: (
        "has two numbers in each line, so its tokens are numbers",
        "They may be ids of another vocabulary, as in fairseq's dictionaries of RoBERTa and BART: "
        "then name that one, such as encoder.json. If the numbers are the tokens, say which "
        "column they are: --vocab-format token-id, --vocab-format id-token, or "
        "--vocab-format fairseq for tokens and counts.",
    ),
    Unclear.NUMBER_TOKEN: (
        "has a number before each token, and the numbers do not ascend as ids do",
        "If they are ids, say --vocab-format id-token. If they are counts, turn them round and "
        "pass them with --counts" + command(TURN_ROUND),
    ),
    Unclear.PAIRS: (
        "has two pieces and a number in each line: the merges of a BPE tokenizer",
        "Name the vocabulary beside it (vocab.json, dict.txt or tokenizer.json). If they are "
        "tokens with spaces inside, say --vocab-format token-id or --vocab-format fairseq.",
    ),
    Unclear.COLUMNS: (
        "has several columns in each line",
        "Keep the tokens alone, with -f2 if they are in the second column"
        + command("cut -f1")
        + "\n  If the tabs belong to the tokens, say --vocab-format lines.",
    ),
    Unclear.NUMBERS: (
        VECTORS_REASON,
        VECTORS_REMEDY + " If each line is a token, say --vocab-format lines.",
    ),
    Unclear.TABLE_OF_COUNTS: (
        "is a table of words and counts, without ids",
        "Write lines of a word, a tab and its count, and pass them with --counts. If the places "
        "of the words are their ids, keep them alone" + command("cut -d, -f1 | tail -n +2"),
    ),
    Unclear.WITHOUT_HEADER: (
        "has a number in each line after or before a comma, and no header that says what it is",
        "If it is an id, put a header before the lines, with names in the order of the columns; "
        "with tail -n +2 instead of cat if the first line has names already"
        + command("(echo token,id; cat)", ".csv")
        + "\n  If the number belongs to the tokens, say --vocab-format lines.",
    ),
    Unclear.ROW_NAMES: (
        "is a table whose rows have numbers from 1 and no name of a column of ids",
        "If the numbers are the ids, name the columns"
        + command("(echo id,token; tail -n +2)", ".csv")
        + "\n  If the places are, the first of which is 0, keep the tokens alone"
        + command(
            python("import csv, sys; [print(row[1]) for row in [*csv.reader(sys.stdin)][1:]]")
        ),
    ),
    Unclear.MIXED: (
        "has a number, or columns, in most of its lines, and no form that is known",
        "If some lines are not like the others, find them:\n"
        "    grep -nvE '[[:blank:]]-?[0-9.e-]+$' <FILE\n"
        "  Ids are written as lines of a token, a space and the id. If each line is a token, "
        "say --vocab-format lines.",
    ),
    Unclear.YAML: (
        "is YAML, which is read only as lines of a token, a colon and an id",
        "Write it as JSON"
        + command(
            python(
                "import json, sys, yaml; d = yaml.load(sys.stdin, yaml.BaseLoader); "
                "json.dump(d if isinstance(d, list) else d.get('token_list') or "
                "{t: int(i) for t, i in d.items()}, sys.stdout)"
            ),
            ".json",
        )
        + _AS_LINES,
    ),
    Unclear.EQUALS: (
        "has a token, an equals sign and a number in each line, as TOML has",
        "Write it as JSON"
        + command(
            python(
                "import json, sys, tomllib; d = tomllib.load(sys.stdin.buffer); "
                "json.dump(next((v for v in d.values() if isinstance(v, dict)), d), sys.stdout)"
            ),
            ".json",
        )
        + "\n  If it is no TOML, take the signs out"
        + command("sed 's/ = / /'"),
    ),
    Unclear.MERGES: (
        "has two pieces in each line, which are joined in the lines before: the merges of a BPE "
        "tokenizer",
        "Name the vocabulary beside it (vocab.json or tokenizer.json). If each line is a token, "
        "say --vocab-format lines.",
    ),
    Unclear.ZERO_BYTES: (
        "has zero bytes in its lines, as a binary or a damaged file has",
        "Name the tokenizer's vocabulary: tokenizer.json, vocab.json or vocab.txt. If zero bytes "
        "end its tokens, write line breaks instead"
        + command("tr '\\0' '\\n'")
        + "\n  If they belong to the tokens, say --vocab-format lines.",
    ),
    Unclear.SETTINGS: (
        "has lines of names and values, as settings do",
        "Name the tokenizer's vocabulary: tokenizer.json, vocab.json or vocab.txt. If each line "
        "is a token, say --vocab-format lines.",
    ),
    Unclear.HEADER: (
        "begins with a line like the header of a table, a count or a comment, which would be the "
        "token of id 0",
        "If it is one, leave it out"
        + command("tail -n +2")
        + "\n  If it is a token, say --vocab-format lines.",
    ),
    Unclear.BLANK: (
        "has blank lines between its tokens, which would have ids as well",
        "If they are no tokens, take them out"
        + command("grep .")
        + "\n  If they are, say --vocab-format lines.",
    ),
    Unclear.QUOTED: (
        "has its tokens in quotes",
        "Write them as a JSON list without the quotes"
        + command(
            python(
                "import ast, json, sys; v = [ast.literal_eval(line.strip().rstrip(',')) "
                "for line in sys.stdin]; "
                "json.dump([t if isinstance(t, str) else t.decode() for t in v], sys.stdout)"
            ),
            ".json",
        )
        + "\n  If the quotes belong to the tokens, say --vocab-format lines.",
    ),
    Unclear.QUOTED_BESIDE_IDS: (
        "has its tokens in quotes, and an id beside each",
        "Take the quotes away"
        + command(
            python(
                "import re, sys; [print(re.sub(r'([\\x22\\x27])(.*)\\1', r'\\2', line), end='') "
                "for line in sys.stdin]"
            )
        )
        + "\n  If they belong to the tokens, say --vocab-format token-id or id-token.",
    ),
    Unclear.PRINTED: (
        "has pairs of a token and an id as Python prints them",
        "Write them as a JSON map"
        + command(
            python(
                "import ast, json, sys; v = [ast.literal_eval(line.strip().rstrip(',')) "
                "for line in sys.stdin]; "
                "v = [sorted(pair, key=lambda x: isinstance(x, int)) for pair in v]; "
                "json.dump({t if isinstance(t, str) else t.decode(): i for t, i in v}, sys.stdout)"
            ),
            ".json",
        )
        + _AS_LINES,
    ),
    Unclear.TAGGED: (
        "has its tokens in tags, as HTML and XML have",
        "If the places of the tokens are their ids, keep the texts between the tags"
        + command("sed -E 's/<[^<>]*>//g' | grep .")
        + _AS_LINES,
    ),
    Unclear.LISTED: (
        "has the sign of a list before its tokens",
        "Take it away" + command("sed -E 's/^[*+]|^•//; s/^ //'") + _AS_LINES,
    ),
    Unclear.ENDED: (
        "has a comma, a semicolon or '\\n' at the end of its tokens",
        "Take it away" + command(r"sed -E 's/([,;]|\\n)$//'") + _AS_LINES,
    ),
    Unclear.ALIGNED: (
        "has spaces after its tokens, as aligned columns have",
        "Take them out"
        + command("tr -s ' ' | sed 's/ $//'")
        + "\n  If they belong to the tokens, say --vocab-format lines or --vocab-format token-id.",
    ),
    Unclear.PROSE: (
        "has lines of prose or source code, or lines that repeat, not a token a line",
        "Name the file that your tokenizer wrote. If each line is a token after all, say "
        "--vocab-format lines.",
    ),
    Unclear.COUNTED: (
        "is a list of tokens with numbers that could be ids or counts",
        'If they are ids, write a map: {"token": id, …}. If the places of the tokens are their '
        'ids, write the tokens alone: ["token", …]. Counts are passed with --counts.',
    ),
}


def error(shape: Unclear) -> InputError:
    """Return the error for content of this shape."""
    reason, remedy = _SHAPES[shape]
    return InputError(reason=reason, remedy=remedy)
