"""A serialised Keras layer `TextVectorization` or `StringLookup` with its vocabulary inside.

`config.vocabulary` is the list that the user passed in, with or without the mask and
out-of-vocabulary (OOV) tokens. If they are missing, the layer adds them at the front, and so does
this reader. The rule is that of `IndexLookup.set_vocabulary`, observed in Keras 3.15.
"""

from __future__ import annotations

from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.families.token_list import checked_strings
from embedprep.vocabulary.json_text import as_json
from embedprep.vocabulary.model import Role, Surface

_SAVE_LIST = "Or write it from Python: json.dump(layer.get_vocabulary(), file)"

# Each of them gets a row, so a file must not request any number of them.
_FREE_OOV_INDICES = 1_000


_SPLITS = ("standardize", "split", "ngrams")
"""The settings by which a TextVectorization splits a text."""


def claims(content: Content) -> bool:
    name = content.value.get("class_name")
    is_layer = isinstance(name, str) and name != "Tokenizer"
    return is_layer and isinstance(content.value.get("config"), dict)


def read(content: Content) -> Entries:
    name, config = content.value["class_name"], content.value["config"]
    if name.endswith("Tokenizer"):
        raise InputError(
            reason=f"the settings of a {as_json(name)} of KerasHub, not its vocabulary",
            remedy="Name the folder that holds it, or the vocabulary in its assets/tokenizer.",
        )
    if name not in {"TextVectorization", "StringLookup"}:
        raise InputError(
            reason=f"a serialised Keras {as_json(name)}, which holds no vocabulary of its own",
            remedy="Serialise its TextVectorization or StringLookup layer alone. " + _SAVE_LIST,
        )
    listed = config.get("vocabulary")
    if not isinstance(listed, list):
        raise _no_list(name, listed)
    mask, oov, num_oov_indices = _special_tokens(name, config)
    if not 0 <= num_oov_indices <= max(_FREE_OOV_INDICES, len(listed)):
        raise InputError(
            reason=f"num_oov_indices is {as_json(num_oov_indices)}, for {len(listed)} tokens",
            remedy="Serialise the layer again with as many OOV indices as it can use.",
        )
    special = [mask] * (mask is not None) + [oov] * num_oov_indices
    tokens = checked_strings(listed if listed[: len(special)] == special else special + listed)
    roles = {oov: Role.UNKNOWN}
    if mask is not None:
        roles[mask] = Role.PADDING
    splits = None  # a StringLookup gets words
    if name == "TextVectorization":
        splits = {setting: config[setting] for setting in _SPLITS if setting in config}
    return Entries(tokens=tokens, roles=roles, surface=Surface.PLAIN, splits=splits)


def _special_tokens(name: str, config: dict[str, Any]) -> tuple[str | None, str, int]:
    """Return the mask token (None without an id), the OOV token and its number of ids."""
    emits_ids = config.get("output_mode", "int") == "int"
    if name == "TextVectorization":
        return ("" if emits_ids else None), "[UNK]", 1
    mask, oov = config.get("mask_token"), config.get("oov_token", "[UNK]")
    number = config.get("num_oov_indices", 1)
    if not (isinstance(mask, str | None) and isinstance(oov, str) and type(number) is int):
        raise InputError(
            reason="the StringLookup's mask_token, oov_token or num_oov_indices is not valid",
            remedy="Serialise the layer again. " + _SAVE_LIST,
        )
    return (mask if emits_ids else None), oov, number


def _no_list(name: str, vocabulary: object) -> InputError:
    if vocabulary is None:
        return InputError(
            reason=f"the vocabulary of this {name} is not in its config, as it was adapted",
            remedy="It is in the .keras archive: unpack that with unzip MODEL.keras 'assets/*' and "
            f"name assets/layers/LAYER/vocabulary.txt. {_SAVE_LIST}",
        )
    # The file named there may lack the special tokens, so its lines are not yet the ids.
    return InputError(
        reason=f"the vocabulary of this {name} is {as_json(vocabulary)}, not a list",
        remedy=f"If that is a file, load the layer where the file is. {_SAVE_LIST}",
    )
