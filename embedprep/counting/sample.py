"""Some of a text, kept to show tokens in their context.

Comes in: all texts, batch after batch. Goes out: at most two megabytes of them, from all over the
text, and from these a few words around a token. A token that is frequent enough to matter is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

SNIPPETS = 3
"""The most places that are shown of a token."""
_PIECES = 32
"""The most pieces of text that are kept."""
_PIECES_A_BATCH = 16
_LONGEST = 1 << 16
_AROUND = 32
"""The characters before and after the token."""

Places = Callable[[str], Iterable[tuple[int, int, int]]]
"""From a text to its tokens: the number of each, and where it begins and ends."""


class Sample:
    """Pieces of a text at even distances. All pieces of a text of less than two megabytes."""

    def __init__(self) -> None:
        self._pieces: list[Sequence[str]] = []
        self._distance = 1
        self._seen = 0

    def add(self, texts: Sequence[str]) -> None:
        """Take the next texts of a batch, and keep some."""
        size = max(1, -(-len(texts) // _PIECES_A_BATCH))
        for begin in range(0, len(texts), size):
            if self._seen % self._distance == 0:
                self._pieces.append([text[:_LONGEST] for text in texts[begin : begin + size]])
            self._seen += 1
            if len(self._pieces) > _PIECES:
                self._pieces = self._pieces[::2]
                self._distance *= 2

    def snippets(self, wanted: Collection[int], places: Places) -> dict[int, tuple[str, ...]]:
        """Return up to three places for each of the wanted tokens, each from another text."""
        found: dict[int, list[str]] = {number: [] for number in wanted}
        left = set(wanted)
        for text in (text for piece in self._pieces for text in piece):
            if not left:
                break
            here: dict[int, tuple[int, int]] = {}
            for number, begin, end in places(text):
                if number in left:
                    here.setdefault(number, (begin, end))
            for number, (begin, end) in here.items():
                snippet = _snippet(text, begin, end)
                if snippet not in found[number]:
                    found[number].append(snippet)
                if len(found[number]) == SNIPPETS:
                    left.discard(number)
        return {number: tuple(some) for number, some in found.items() if some}


def _snippet(text: str, begin: int, end: int) -> str:
    """Return the token between some words of the text, on one line."""
    first, last = max(0, begin - _AROUND), min(len(text), end + _AROUND)
    before = text[first:begin]
    if first:  # begin with a whole word
        before = "…" + before[before.find(" ") + 1 :].lstrip()
    after = text[end:last]
    if last < len(text):
        after = after[: after.rfind(" ") if " " in after else None] + "…"
    return " ".join((before + text[begin : min(end, begin + 2 * _AROUND)] + after).split())
