"""The table of vocabulary files that embedprep reads: a row for each family, and a module.

To add a family, write its module and a row here; the tests over the table then demand a fixture for
it and prove that no other family claims the same file.
"""

from __future__ import annotations

from embedprep.vocabulary.content import BinaryShape, JsonShape, LineShape
from embedprep.vocabulary.family import Family

FAMILIES: tuple[Family, ...] = (
    Family("keras-tokenizer", "Keras Tokenizer.to_json()", JsonShape.RECORD),
    Family(
        "keras-layer",
        "Keras serialize_keras_object(layer) of TextVectorization or StringLookup",
        JsonShape.RECORD,
    ),
    Family("huggingface-tokenizer", "Hugging Face tokenizer.json", JsonShape.RECORD),
    Family("tekken", "Mistral tekken.json", JsonShape.RECORD),
    Family(
        "tiktoken-json",
        "npm tiktoken, @anthropic-ai/tokenizer: JSON with bpe_ranks",
        JsonShape.RECORD,
    ),
    Family(
        "token-map", "Hugging Face vocab.json, Keras word_index: {token: id}", JsonShape.NUMBERS
    ),
    Family("inverse-map", "Keras index_word: {id: token}", JsonShape.NUMBERED_STRINGS),
    Family("token-list", "Keras get_vocabulary(): [token, …]", JsonShape.STRINGS),
    Family("scored-list", "Unigram models: [[piece, score], …]", JsonShape.SCORED),
    Family("pairs", "the items of a map: [[token, id], …]", JsonShape.PAIRS),
    Family("lines", "BERT vocab.txt, Keras vocabulary.txt: a token a line", LineShape.TOKEN),
    Family("csv", "CSV or TSV with a header line: token,id", LineShape.TABLE),
    Family(
        "token-id", "Kaldi, k2, OpenFST, WeNet, ESPnet: token, space or tab, id", LineShape.TOKEN_ID
    ),
    Family("id-token", "id, space or tab, token", LineShape.ID_TOKEN),
    Family("sentencepiece", "SentencePiece .vocab: piece, tab, score", LineShape.TOKEN_SCORE),
    Family("sentencepiece-model", "SentencePiece .model, .spm", BinaryShape.SENTENCEPIECE),
    Family("fairseq", "fairseq dict.txt: token, space, count", LineShape.TOKEN_COUNT),
    Family("marian", "Marian vocab.yml: token: id", LineShape.TOKEN_COLON_ID),
    Family("gensim-dictionary", "gensim Dictionary.save_as_text()", LineShape.ID_TOKEN_COUNT),
    Family("tfds", "TensorFlow Datasets TokenTextEncoder.save_to_file()", LineShape.TFDS),
    Family(
        "allennlp", "AllenNLP vocabulary/tokens.txt: a token a line from id 1", LineShape.ALLENNLP
    ),
    Family("tiktoken", "tiktoken: Base64, space, rank", LineShape.BASE64_RANK),
    Family(
        "rwkv", "RWKV rwkv_vocab_*.txt: id, Python literal, length", LineShape.ID_LITERAL_LENGTH
    ),
)
