"""The well-known vector files: how to recognise each by its sizes, and what it contains.

The sizes and counts come from the authors' pages, or from the first line of the file. A new file
is one row here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedFile:
    """A file as its authors offer it, decompressed."""

    name: str
    format: str
    records: int
    dim: int
    header: bool
    about: str
    bytes: int | None = None
    """The size, if it is known."""


_GLOVE_6B = "GloVe of Wikipedia 2014 and Gigaword 5; lower case"
_GLOVE_6B_BYTES = {50: 171_350_079, 300: 1_037_962_819}
_GLOVE_TWITTER = "GloVe of Twitter; lower case, with <user>, <url>, <hashtag>, <number>, …"

# nlp.stanford.edu/projects/glove, code.google.com/archive/p/word2vec, fasttext.cc/docs,
# github.com/commonsense/conceptnet-numberbatch
PUBLISHED = (
    *(
        PublishedFile(
            f"glove.6B.{dim}d.txt",
            "text",
            400_000,
            dim,
            False,
            _GLOVE_6B,
            _GLOVE_6B_BYTES.get(dim),
        )
        for dim in (50, 100, 200, 300)
    ),
    PublishedFile(
        "glove.42B.300d.txt",
        "text",
        1_917_494,
        300,
        False,
        "GloVe of Common Crawl, 42 billion tokens; lower case",
        5_025_028_820,
    ),
    PublishedFile(
        "glove.840B.300d.txt",
        "text",
        2_196_017,
        300,
        False,
        "GloVe of Common Crawl, 840 billion tokens; mixed case, no-break spaces in some keys, "
        "one key twice",
        5_646_236_541,
    ),
    *(
        PublishedFile(
            f"glove.twitter.27B.{dim}d.txt", "text", 1_193_514, dim, False, _GLOVE_TWITTER
        )
        for dim in (25, 50, 100, 200)
    ),
    PublishedFile(
        "glove.2024.wikigiga.50d",
        "text",
        1_291_147,
        50,
        False,
        "GloVe of 2024, Wikipedia and Gigaword; its zip holds a file of another name",
    ),
    PublishedFile(
        "GoogleNews-vectors-negative300.bin",
        "word2vec-binary",
        3_000_000,
        300,
        True,
        "word2vec of Google News; mixed case, phrases joined by _, numbers written with #",
        3_644_258_522,
    ),
    PublishedFile(
        "crawl-300d-2M.vec", "text", 1_999_995, 300, True, "fastText of Common Crawl; mixed case"
    ),
    PublishedFile(
        "wiki-news-300d-1M.vec",
        "text",
        999_994,
        300,
        True,
        "fastText of Wikipedia 2017, UMBC and news; mixed case",
    ),
    PublishedFile(
        "wiki.en.vec",
        "text",
        2_519_370,
        300,
        True,
        "fastText of the English Wikipedia; lower case, 34 keys of white space only",
    ),
    *(
        PublishedFile(name, format, 2_000_000, 300, True, "fastText of Common Crawl and Wikipedia")
        for name, format in (("cc.XX.300.vec", "text"), ("cc.XX.300.bin", "fasttext"))
    ),
    PublishedFile(
        "numberbatch-en-19.08.txt",
        "text",
        516_782,
        300,
        True,
        "ConceptNet Numberbatch; lower case, phrases joined by _, runs of digits written as #",
    ),
)


@dataclass(frozen=True)
class Match:
    """A published file that another one looks like."""

    name: str
    certain: bool
    """Whether the size agrees as well as the records and the dimension."""
    difference: str | None
    """The property that differs."""
    about: str


def recognise(
    format: str, records: int, dim: int, *, header: bool, size: int | None
) -> Match | None:
    """Return the published file with these records; `size` is in bytes, if it is not compressed."""
    for file in PUBLISHED:
        if (file.format, file.records, file.dim) == (format, records, dim):
            return Match(
                name=file.name,
                certain=size is not None and size == file.bytes,
                difference=_difference(file, header, size),
                about=file.about,
            )
    return None


def _difference(file: PublishedFile, header: bool, size: int | None) -> str | None:
    if header and not file.header:
        return "it has a header, the published file has none"
    if file.header and not header:
        return "it has no header, the published file has one"
    if size is not None and file.bytes is not None and size != file.bytes:
        return f"it has {size:,} bytes, the published file {file.bytes:,}"
    return None
