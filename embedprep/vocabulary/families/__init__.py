"""The registry: every family of vocabulary files that embedprep reads, one module each.

To add a family, write its module and name it here; the tests over the registry then demand a
fixture for it and prove that no other family claims the same file.
"""

from __future__ import annotations

from embedprep.vocabulary.families import (
    allennlp,
    fairseq,
    gensim_dictionary,
    huggingface_tokenizer,
    id_token,
    inverse_map,
    keras_layer,
    keras_tokenizer,
    lines,
    marian,
    pairs,
    rwkv,
    scored_list,
    sentencepiece,
    sentencepiece_model,
    table,
    tekken,
    tfds,
    tiktoken,
    tiktoken_json,
    token_id,
    token_list,
    token_map,
)
from embedprep.vocabulary.family import Family

FAMILIES: tuple[Family, ...] = (
    keras_tokenizer.FAMILY,
    keras_layer.FAMILY,
    huggingface_tokenizer.FAMILY,
    tekken.FAMILY,
    tiktoken_json.FAMILY,
    token_map.FAMILY,
    inverse_map.FAMILY,
    token_list.FAMILY,
    scored_list.FAMILY,
    pairs.FAMILY,
    lines.FAMILY,
    table.FAMILY,
    token_id.FAMILY,
    id_token.FAMILY,
    sentencepiece.FAMILY,
    sentencepiece_model.FAMILY,
    fairseq.FAMILY,
    marian.FAMILY,
    gensim_dictionary.FAMILY,
    tfds.FAMILY,
    allennlp.FAMILY,
    tiktoken.FAMILY,
    rwkv.FAMILY,
)
