"""The files beside a Hugging Face vocabulary, which say more about its tokens.

Comes in: the entries of `tokenizer.json`, `vocab.json`, `vocab.txt` or a SentencePiece model, and
its path. Goes out: the entries with the tokens of `added_tokens.json` and `tokenizer_config.json`,
and with the roles that `special_tokens_map.json` and `tokenizer_config.json` give to tokens.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary import folders
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.json_text import as_json
from embedprep.vocabulary.model import Role
from embedprep.vocabulary.special_tokens import ROLE_OF

_OF_SENTENCEPIECE = ("sentencepiece-model", "sentencepiece")
_FAMILIES = ("huggingface-tokenizer", "token-map", "lines", *_OF_SENTENCEPIECE)
_ADDED = "added_tokens.json"
_SPECIAL = "special_tokens_map.json"
_CONFIG = "tokenizer_config.json"
# Their ids are not the positions of the pieces: other tokens come first.
_SHIFTED = (
    "barthez", "bartpho", "bigbirdpegasus", "camembert", "layoutxlm", "m2m100", "marian", "mbart",
    "mluke", "nllb", "pegasus", "plbart", "seamless", "speech2text", "speechtotext", "xglm",
    "xlmroberta", "xlmprophetnet",
)  # fmt: skip
_SHIFTED_FILES = ("sentencepiece.bpe.", "source.spm", "target.spm")
"""How the name of the model begins in most of these tokenizers."""


def with_neighbours(entries: Entries, family: str, path: str) -> Entries:
    """Return `entries` with what the files beside `path` say; unchanged if there are none."""
    folder, name = os.path.split(path)
    known = name in folders.VOCABULARIES or name.endswith((*folders.MODELS, ".vocab"))
    if family not in _FAMILIES or not known or not os.path.isfile(path):
        return entries
    config = folders.settings(folder, _CONFIG)
    if family in _OF_SENTENCEPIECE:
        of_keras = folders.settings(os.path.join(folder, "..", ".."), "tokenizer.json")
        of_model = folders.settings(folder, "config.json")
        tokenizer = (
            config.get("tokenizer_class")
            or of_keras.get("class_name")
            or of_model.get("tokenizer_class")
            or of_model.get("model_type")
        )
        _refuse_shifted(folder, name, family, tokenizer if isinstance(tokenizer, str) else "")
    added = _added_by(config)
    if family == "huggingface-tokenizer":  # transformers adds only what it does not list itself
        listed = set(entries.tokens)
        added = {id: token for id, token in added.items() if token[0] not in listed}
    else:
        added = {**_added_beside(folder, family), **added}
    entries = _with_added(entries, added, family)
    declared = {**config, **folders.settings(folder, _SPECIAL)}
    return _with_roles(entries, declared)


def _refuse_shifted(folder: str, name: str, family: str, tokenizer: str) -> None:
    """Raise for pieces whose ids are not their places; `tokenizer` is empty if unknown."""
    shifted = re.sub("[-_]", "", tokenizer.lower()).startswith(_SHIFTED)
    if not (shifted or (name.startswith(_SHIFTED_FILES) and not tokenizer)):
        return
    with_ids = ("tokenizer.json", "vocab.json", "vocab.yml")
    beside = [other for other in with_ids if os.path.isfile(os.path.join(folder, other))]
    raise InputError(
        reason=f"the ids of {tokenizer if shifted else 'most models that call their file so'} are "
        "not the places of the pieces in this file: other tokens come first",
        remedy=(f"Name {beside[0]} beside it." if beside else _FAST)
        + f" For the places in the file, say --vocab-format {family}.",
    )


_FAST = "Write tokenizer.json, which has the ids: tokenizer.save_pretrained(FOLDER) of a fast one."


def _added_by(config: dict[str, Any]) -> dict[Any, tuple[str, bool]]:
    """Return the tokens that `tokenizer_config.json` adds, by id, and whether each is special."""
    decoder = config.get("added_tokens_decoder")
    added = {}
    for digits, token in decoder.items() if isinstance(decoder, dict) else ():
        match token:
            case {"content": str() as content} if digits.isdecimal():
                added[int(digits)] = (content, token.get("special") is True)
    return added


def _added_beside(folder: str, family: str) -> dict[Any, tuple[str, bool]]:
    """Return the tokens of `added_tokens.json`, by id; none of them is known to be special."""
    ids = folders.map_in(folder, _ADDED)
    if ids is None:
        raise InputError(
            reason=f"{_ADDED} beside it is not a map from tokens to ids",
            remedy=_ALONE.format(family),
        )
    return {id: (token, False) for token, id in ids.items()}


_ALONE = "If they do not belong together, name its format to read it alone: --vocab-format {}"


def _with_added(entries: Entries, added: dict[Any, tuple[str, bool]], family: str) -> Entries:
    """Return `entries` with the added tokens; a file whose format the user names is read without
    them.
    """
    ids = range(len(entries.tokens)) if entries.ids is None else entries.ids
    token_at = dict(zip(ids, entries.tokens, strict=True))
    for id, (token, _) in added.items():
        if type(id) is not int or token_at.get(id, token) != token:
            raise InputError(
                reason=f"the files beside it give {as_json(token)} the id {as_json(id)}, which "
                + ("is none" if type(id) is not int else f"{as_json(token_at[id])} has in it"),
                remedy=_ALONE.format(family),
            )
    new = {id: token for id, (token, _) in added.items() if id not in token_at}
    special = {
        token: ROLE_OF.get(token, Role.OTHER) for token, is_special in added.values() if is_special
    }
    if not new:
        return entries._replace(roles={**special, **entries.roles})
    return entries._replace(
        tokens=[*entries.tokens, *new.values()],
        ids=[*ids, *new],
        roles={**special, **entries.roles},
        distinct=None,
        verbatim=entries.verbatim | frozenset(new.values()),
        notes=(
            *entries.notes,
            f"{len(new)} added tokens were taken from the files beside it: "
            + as_json(list(new.values())),
        ),
    )


def _with_roles(entries: Entries, declared: dict[str, Any]) -> Entries:
    """Add the declared roles.

    Padding and unknown only for a token without another use: many pad with the end of a text.
    """
    names = dict(_named(declared))
    uses = Counter(names.values())
    roles = dict(entries.roles)
    for key, token in names.items():
        usual = _BY_KEY.get(key, Role.OTHER)
        # A name such as <unk> says more than its use as padding.
        alone = uses[token] == 1 and ROLE_OF.get(token, usual) in (usual, Role.OTHER)
        if token not in roles or (usual is Role.PADDING and alone and roles[token] is Role.OTHER):
            roles[token] = usual if alone else ROLE_OF.get(token, Role.OTHER)
    for extra in declared.get("additional_special_tokens") or ():
        if isinstance(extra, str):
            roles.setdefault(extra, Role.OTHER)
    return entries._replace(roles=roles, declares_special=entries.declares_special or bool(names))


_BY_KEY = {"pad_token": Role.PADDING, "unk_token": Role.UNKNOWN}


def _named(declared: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the special tokens by purpose: a string, or a map with its content."""
    for key, value in declared.items():
        content = value.get("content") if isinstance(value, dict) else value
        if key.endswith("_token") and isinstance(content, str):
            yield key, content
