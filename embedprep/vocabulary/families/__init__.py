"""The registry: every family of vocabulary files that embedprep reads, one module each.

To add a family, write its module and name it here; the tests over the registry then demand a
fixture for it and prove that no other family claims the same file.
"""

from __future__ import annotations

from embedprep.vocabulary.families import (
    fairseq,
    gensim_dictionary,
    huggingface_tokenizer,
    inverse_map,
    keras_layer,
    keras_tokenizer,
    lines,
    scored_list,
    sentencepiece,
    tiktoken,
    token_list,
    token_map,
)
from embedprep.vocabulary.family import Family

FAMILIES: tuple[Family, ...] = (
    keras_tokenizer.FAMILY,
    keras_layer.FAMILY,
    huggingface_tokenizer.FAMILY,
    token_map.FAMILY,
    inverse_map.FAMILY,
    token_list.FAMILY,
    scored_list.FAMILY,
    lines.FAMILY,
    sentencepiece.FAMILY,
    fairseq.FAMILY,
    gensim_dictionary.FAMILY,
    tiktoken.FAMILY,
)
