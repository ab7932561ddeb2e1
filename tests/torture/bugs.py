"""Bugs to plant in the Python of embedprep, one at a time: see `mutations`.

Those of the compiled core are in `tests/test_planted_bugs.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """A text that occurs once in a file of the package, what stands there instead, and the tests
    that must then fail.
    """

    file: str
    old: str
    new: str
    tests: str
    """Files or tests below `tests`, separated by spaces."""


CORE = {
    "digits with underscores are a number": Bug(
        "core/reference.py", "(?:(?:[0-9]+(?:\\.", "(?:(?:[0-9_]+(?:\\.",
        "core/test_core.py::test_anything_else_is_not_a_number",
    ),
    "a key with spaces before anything": Bug(
        "core/reference.py", "if not all(map(_NUMBER.fullmatch, values)):", "if not values:",
        "core/test_core.py::test_a_block_by_hand",
    ),
    "a field too few has no place of its own": Bug(
        "core/reference.py", "min(offsets[min(len(fields), dim)], int(end[i]))", "int(end[i])",
        "core/test_core.py::test_the_first_fault_of_a_row_has_a_place",
    ),
    "the last binary record left out": Bug(
        "core/reference.py", "end > len(data)", "end >= len(data)",
        "core/test_core.py::test_generated_binary_blocks",
    ),
    "one newline before a binary key": Bug(
        "core/reference.py", 'while data[first : first + 1] == b"\\n"',
        'if data[first : first + 1] == b"\\n"', "core/test_core.py::test_binary_records_by_hand",
    ),
    "capitals of the last key alone": Bug(
        "core/reference.py", "self.capitals |= key", "self.capitals = key",
        "core/test_core.py::test_all_keys_are_told_wanted_or_not",
    ),
    "a row added twice counts once": Bug(
        "core/reference.py", "np.add.at(sums, target, rows[source].astype(np.float64))",
        "sums[target] += rows[source].astype(np.float64)",
        "core/test_core.py::test_rows_are_added_one_after_the_other",
    ),
    "hashes found where others are": Bug(
        "core/reference.py", "np.isin(hashes, wanted)", "np.isin(hashes, wanted[:1])",
        "core/test_core.py::test_hashes_are_found_where_they_are",
    ),
    "random numbers from the even ones on": Bug(
        "core/reference.py", "[:, first % 2 :]", "[:, 0:]", "core/test_random_bits.py",
    ),
    "rows placed by their source": Bug(
        "core/reference.py", "matrix[target] = rows[source]", "matrix[source] = rows[target]",
        "core/test_core.py::test_rows_are_placed_one_after_the_other",
    ),
    "a wanted key given twice": Bug(
        "core/reference.py", "len(self.numbers) != len(keys)", "len(self.numbers) > len(keys)",
        "core/test_core.py::test_a_key_given_twice_is_an_error",
    ),
}  # fmt: skip

READING = {
    "lines counted from the start of a block": Bug(
        "vectors/formats/text.py", "record=hits.record + lines", "record=hits.record",
        "vectors/test_blocks.py",
    ),
    "the place of a fault counted from the start of a block": Bug(
        "vectors/hits.py", "else self.line + records", "else self.line",
        "vectors/formats/test_text.py vectors/test_blocks.py",
    ),
    "a line that crosses two blocks read twice": Bug(
        "vectors/blocks.py", "    if begin > start:", "    if begin > start + length:",
        "vectors/test_blocks.py",
    ),
    "rows shifted where others are jumped over": Bug(
        "vectors/matrix_rows.py", "rows[wanted[begin:end] - lowest]",
        "rows[np.arange(end - begin)]", "vectors/formats/test_npy_vectors.py vectors/test_table.py",
    ),
    "records of a table in the order of its rows": Bug(
        "vectors/table.py", "values[place[begin : begin + step]]",
        "values[np.sort(place)[begin : begin + step]]",
        "vectors/test_table.py::test_as_a_lookup_in_memory_would",
    ),
    "a cut binary file read to its last record": Bug(
        "vectors/formats/word2vec_binary.py", "if blocks.rest:",
        "if len(blocks.rest) > 4 * self.dim:",
        "vectors/formats/test_word2vec_binary.py::test_what_follows_the_records_is_an_error",
    ),
    "bad rows left among binary ones": Bug(
        "vectors/formats/word2vec_binary.py", "rows=rows if everything else rows[good]",
        "rows=rows if everything else rows[: int(good.sum())]",
        "vectors/formats/test_word2vec_binary.py::test_values_that_are_not_finite",
    ),
}  # fmt: skip

MATCHING = {
    "every block has forgotten the keys before it": Bug(
        "matching/matching.py", "(place[key] == hit) & ~seen[key]", "place[key] == hit",
        "matching/test_matching.py",
    ),
    "the last of the records of a key in a block": Bug(
        "matching/matching.py", "place[key[::-1]] = hit[::-1]", "place[key] = hit",
        "matching/test_matching.py",
    ),
    "of equal ranks the later record": Bug(
        "matching/matching.py", "else own < rank[row]", "else own <= rank[row]",
        "matching/test_matching.py",
    ),
    "the last duplicate replaces what an earlier file gave": Bug(
        "matching/matching.py", "(own <= rank[row]) & (own < before[row])", "(own <= rank[row])",
        "fallback/test_fallback.py matching/test_combining.py",
    ),
    "a vector of a neighbour": Bug(
        "matching/matching.py", "hits.sources()[hit], row", "hits.sources()[np.sort(hit)], row",
        "matching/test_matching.py",
    ),
    "two keys for a row, neither better": Bug(
        "matching/matching.py", "minlength=len(matrix)) > 1", "minlength=len(matrix)) > 2",
        "matching/test_matching.py",
    ),
    "the record behind the right one": Bug(
        "matching/matching.py", "= hits.record[hit]", "= hits.record[hit] + 1",
        "matching/test_matching.py",
    ),
    "n-grams of a later model replace those of the first": Bug(
        "matching/matching.py", "> COMPOSED)", ">= COMPOSED)", "matching/test_matching.py",
    ),
    "n-grams for a form that is not exact": Bug(
        "matching/matching.py", "(keys.rank[pair] <= EXACT) &", "(keys.rank[pair] >= EXACT) &",
        "matching/test_matching.py",
    ),
    "float16 checked for one row": Bug(
        "matching/matching.py", "if not fits.all():", "if not fits.any():",
        "matching/test_matching.py",
    ),
    "more records than the header says": Bug(
        "matching/records.py", "total == declared", "total >= declared",
        "matching/test_matching.py",
    ),
    "duplicates not counted": Bug(
        "matching/matching.py", "self._records.duplicates += len(hits.key) - len(new)", "pass",
        "coverage/test_coverage.py",
    ),
    "numbers that are none not counted": Bug(
        "matching/records.py", "self.malformed += hits.malformed + len(hits.undecodable)",
        "self.malformed += hits.malformed", "matching/test_matching.py",
    ),
    "values that are not finite not counted in the second reading": Bug(
        "matching/records.py", "self.nonfinite += again.nonfinite", "pass",
        "fallback/test_fallback.py",
    ),
    "duplicates of other forms not counted in the second reading": Bug(
        "matching/records.py", "self.duplicates += again.duplicates_of_forms", "pass",
        "fallback/test_fallback.py",
    ),
    "the errors of a chunk in any order": Bug(
        "matching/matching.py", "hits.first(int(np.searchsorted(hits.record, hits.fault.record)))",
        "hits",
        "matching/test_matching.py",
    ),
    "keys that others share numbered as one's own": Bug(
        "matching/shared_keys.py", "places[numbers] = np.arange(len(numbers))",
        "places[np.sort(numbers)] = np.arange(len(numbers))", "matching/test_shared_keys.py",
    ),
    "the vectors of hits that are left out": Bug(
        "vectors/hits.py", "source = self.sources()[hits]", "source = self.source",
        "matching/test_matching.py matching/test_shared_keys.py",
    ),
    "n-grams for who shares the file and wants none": Bug(
        "matching/shared_keys.py", "if hits.composed:", "if False:", "matching/test_shared_keys.py",
    ),
    "bad records of who shares the file": Bug(
        "matching/shared_keys.py", "= own[own != _NOT_WANTED]", "= own",
        "matching/test_shared_keys.py",
    ),
    "an error before the hits in front of it": Bug(
        "vectors/gathering.py", "    except EmbedprepError:\n        if small.chunks:",
        "    except EmbedprepError:\n        if False:", "vectors/test_gathering.py",
    ),
    "a mean of the parts that came": Bug(
        "matching/means.py", "np.logical_and.reduceat(self._found",
        "np.logical_or.reduceat(self._found",
        "fallback/test_fallback.py",
    ),
    "sources of what was replaced": Bug(
        "matching/combining.py", "one.sources[one.claims.rank != rank] =",
        "one.sources[one.claims.rank != rank] |=",
        "matching/test_combining.py",
    ),
    "half a row counted as a whole": Bug(
        "matching/combining.py", "(count > 0) & (count < len(parts))",
        "(count > 0) & (count < len(parts) - 1)", "matching/test_combining.py",
    ),
    "of several forms the nearest tells": Bug(
        "matching/combining.py", "-1).argmax(axis=0)", "UNMATCHED).argmin(axis=0)",
        "fallback/test_fallback.py",
    ),
    "rows of a repeated token shifted": Bug(
        "lookup/making.py", "        rows = rows[order]", "        pass",
        "lookup/test_lookup.py coverage/test_coverage.py",
    ),
    "a piece is looked up as the word spelt the same": Bug(
        "lookup/exact.py", "elif same_places and keys_are.is_part(key := keys_are.part(piece)):",
        "elif same_places and (key := keys_are.word(piece)):", "lookup/test_exact_forms.py",
    ),
    "the marks of a table are not its tokenizer's": Bug(
        "lookup/exact.py", "elif keys_are.is_of(vocabulary):", "elif False:",
        "lookup/test_exact_forms.py",
    ),
    "what the first keys are, all are": Bug(
        "matching/combining.py", "if any(target.lookup.differs(census.keys_are, evident)",
        "if False and any(target.lookup.differs(census.keys_are, evident)",
        "building/test_read_again.py",
    ),
    "one odd key makes a list of words a table of pieces": Bug(
        "vocabulary/key_convention.py", "max(least, share * keys)", "1",
        "vocabulary/test_key_convention.py",
    ),
    "padding looked up": Bug(
        "lookup/exact.py", "vocabulary.roles == Role.PADDING", "vocabulary.roles > Role.OTHER",
        "lookup coverage/test_coverage.py",
    ),
    "special tokens fall back": Bug(
        "lookup/making.py", "found.position != Position.VERBATIM",
        "found.position != Position.FRAGMENT", "fallback/test_fallback.py",
    ),
}  # fmt: skip

DETECTION = {
    "lines end where Unicode says": Bug(
        "vocabulary/line_text.py", 'lines = text.split("\\n")',
        "lines = [*text.splitlines(), '']", "vocabulary/test_families.py",
    ),
    "a score of zero is a count": Bug(
        "vocabulary/numbered_lines.py", "float(number) > 0 for", "float(number) >= 0 for",
        "vocabulary/test_families.py",
    ),
    "ranks with ties are ranks": Bug(
        "vocabulary/numbered_lines.py", "all(a < b for a, b", "all(a <= b for a, b",
        "vocabulary/test_families.py vocabulary/test_ids.py",
    ),
    "the last header line is a token": Bug(
        "vocabulary/line_text.py", "len(lines) > 1 and _INTEGER", "len(lines) > 9 and _INTEGER",
        "vocabulary/test_gensim_dictionary.py vocabulary/test_families.py",
    ),
    "a wrapper of any value": Bug(
        "vocabulary/json_text.py", "return inner if isinstance(inner, (list, dict)) else value",
        "return inner", "vocabulary/test_json_text.py vocabulary/test_families.py",
    ),
    "a key twice, hidden by an escaped quote": Bug(
        "vocabulary/json_text.py", "r'\\\\[\"\\\\]'", "r'\\\\[\"]'",
        "vocabulary/test_large_json.py",
    ),
    "ids from 0 have padding, too": Bug(
        "vocabulary/assembly.py", "rows[0] == 1", "rows[0] <= 1", "vocabulary/test_ids.py",
    ),
    "counts in the order of the file": Bug(
        "vocabulary/assembly.py", "counts is None else counts[order]", "counts is None else counts",
        "vocabulary/test_keras_vocabularies.py vocabulary/test_ids.py",
    ),
    "two tokens of one id": Bug(
        "vocabulary/assembly.py", "    if shared.size:", "    if shared.size > 1:",
        "vocabulary/test_ids.py",
    ),
    "an id too many below num_words": Bug(
        "vocabulary/model.py", "np.searchsorted(self.rows, limit)",
        'np.searchsorted(self.rows, limit, "right")', "coverage/test_coverage.py",
    ),
    "several unknown tokens counted as one": Bug(
        "vocabulary/families/keras_layer.py", "[oov] * num_oov_indices",
        "[oov] * (num_oov_indices > 0)", "vocabulary/test_keras_vocabularies.py",
    ),
    "fairseq's special tokens in another order": Bug(
        "vocabulary/families/fairseq.py", '"<pad>", "</s>", "<unk>")', '"</s>", "<pad>", "<unk>")',
        "vocabulary/test_fairseq.py",
    ),
    "a soft hyphen prints": Bug(
        "vocabulary/byte_alphabet.py", "*range(0xA1, 0xAD), *range(0xAE, 0x100)",
        "*range(0xA1, 0x100)", "vocabulary/test_roles_and_surfaces.py",
    ),
    "every blank token is padding": Bug(
        "vocabulary/special_tokens.py", 'token == "" and rows[position] == 0', 'token == ""',
        "vocabulary/test_roles_and_surfaces.py",
    ),
    "a word list with one strange letter is of bytes": Bug(
        "vocabulary/surfaces.py", "return not is_maltese and len(others)", "return len(others)",
        "vocabulary/test_roles_and_surfaces.py",
    ),
    "a piece takes the vector of a word": Bug(
        "vocabulary/words.py", "any(map(str.isalnum, spelling.decode()))", "not spelling",
        "vocabulary/test_words.py",
    ),
    "added tokens have marks": Bug(
        "vocabulary/families/huggingface_tokenizer.py",
        'frozenset(token["content"] for token in added)', "frozenset()",
        "vocabulary/test_huggingface_tokenizer.py vocabulary/test_words.py",
    ),
}  # fmt: skip

OOV = {
    "random rows from an even column on": Bug(
        "post/oov.py", "unfilled.first_column, bits", "0, bits", "matching/test_combining.py",
    ),
    "half of the random interval": Bug(
        "post/oov.py", "bits >>= np.uint32(8)", "bits >>= np.uint32(9)", "post/test_oov.py",
    ),
    "seeds of 32 bits": Bug("post/oov.py", "seed % 2**64", "seed % 2**32", "post/test_oov.py"),
    "tokens that are no text share a row": Bug(
        "post/oov.py", 't.encode("utf-8", "surrogatepass")', 't.encode("utf-8", "replace")',
        "post/test_oov.py",
    ),
    "rows of fallback rules left out of the mean": Bug(
        "post/oov.py", "provenance >= Provenance.EXACT", "provenance == Provenance.EXACT",
        "post/test_oov.py",
    ),
    "sums that overflow": Bug(
        "post/oov.py", "shift = 62 - len(rows).bit_length() - exponent", "shift = 62 - exponent",
        "post/test_oov.py",
    ),
    "no tails of the normal distribution": Bug(
        "post/oov.py", "> 0.425", "> 0.5", "post/test_oov.py",
    ),
    "the random rows of the first chunk again": Bug(
        "post/oov.py", "for t in unfilled.tokens[i : i + chunk]",
        "for t in unfilled.tokens[: len(unfilled.rows[i : i + chunk])]", "post/test_oov.py",
    ),
    "a random interval that is a little wider": Bug(
        "post/oov.py", "unit *= np.float32(2.0**-23)", "unit *= np.float32(2.0**-23 * (1 + 1e-6))",
        "post/test_oov.py",
    ),
}  # fmt: skip

COVERAGE = {
    "a token at two rows counts twice": Bug(
        "coverage/counted_tokens.py", "first[i] = token not in seen", "first[i] = True",
        "coverage/test_coverage.py",
    ),
    "means of words counted as words": Bug(
        "coverage/counting.py", "(Provenance.SUBWORD, Provenance.PIECES, Provenance.COMPOSED)",
        "(Provenance.SUBWORD,)",
        "coverage/test_counting.py",
    ),
    "a kind has as many occurrences as tokens": Bug(
        "coverage/counting.py", "weights[kind] += weight", "weights[kind] += 1",
        "coverage/test_coverage.py",
    ),
    "the place of a missing token for its row": Bug(
        "coverage/counting.py", "row=int(missing.rows[i])", "row=int(missing.places[i])",
        "coverage/test_coverage.py",
    ),
    "tokens of equal count in another order": Bug(
        "coverage/by_rank.py", 'np.argsort(-counts, kind="stable")',
        'np.argsort(counts, kind="stable")[::-1]', "coverage/test_by_rank.py",
    ),
    "one token too few at each rank": Bug(
        "coverage/by_rank.py", "np.array(ranks, np.int64) - 1",
        "np.maximum(np.array(ranks, np.int64), 2) - 2", "coverage/test_by_rank.py",
    ),
    "of sets of rules that find the same the largest": Bug(
        "coverage/fewest.py", "* size, -size, -rules", "* size, size, -rules",
        "coverage/test_fewest.py",
    ),
    "a set of rules given up too early": Bug(
        "coverage/fewest.py", "if (most, -size) < self._score[:2]", "if most <= self._score[0] + 1",
        "coverage/test_fewest.py",
    ),
    "the # of a number taken for punctuation": Bug(
        "fallback/compounds.py", '_Kinds({ord(HASH): "d"})', "_Kinds()", "fallback/test_numbers.py",
    ),
    "# alone taken for a number anywhere": Bug(
        "matching/census.py", "known = self.complete and", "known = not self.complete and",
        "fallback/test_numbers.py",
    ),
    "rules that were used already do not count": Bug(
        "coverage/advice.py", "self.route & ~self._bits(names) == 0",
        "self.route == self._bits(names)", "fallback/test_fallback.py",
    ),
    "swapped letters are no slip": Bug(
        "coverage/misspelling.py",
        "            _lower(first, _swapped(group), other.whole, other.places)\n", "",
        "coverage/test_misspelling.py",
    ),
    "a script of half of the letters": Bug(
        "coverage/kinds.py", "< letters.total()", "<= letters.total()", "coverage/test_kinds.py",
    ),
    "a census that forgets its last block": Bug(
        "matching/census.py", "*self._parts])", "*self._parts[:1]])", "matching/test_census.py",
    ),
}  # fmt: skip

OUTPUTS = {
    "rows that never leave the memory": Bug(
        "_platform.py", "if mapped.is_file:", "if True:",
        "test_platform.py",
    ),
    "rows in memory forgotten while others read them": Bug(
        "_platform.py", 'sys.platform == "linux" and mapped.is_file', 'sys.platform == "linux"',
        "test_platform.py::test_where_rows_in_any_order_go",
    ),
    "the limit of a container overlooked": Bug(
        "_platform.py", "min([free, *_left_in_groups(root)])", "free",
        "test_platform.py::test_free_memory",
    ),
    "tokens cut by characters": Bug(
        "containers/annotations.py", "ends = begins[ends]", "ends = ends",
        "containers/test_annotations.py",
    ),
    "strings of rows that do not follow each other": Bug(
        "containers/annotations.py", "bool(offsets[0] == 0) and ", "",
        "containers/test_annotations.py",
    ),
    "numbers that are not aligned": Bug(
        "containers/safetensors.py", "key=lambda name: -arrays[name].itemsize",
        "key=lambda name: arrays[name].itemsize", "containers/test_safetensors.py",
    ),
    "a header without its seal": Bug(
        "containers/seal.py", "[(rows.offset, rows.end, False)", "[(0, rows.end, False)",
        "containers/test_seal.py",
    ),
    "the end of a file without its seal": Bug(
        "containers/seal.py", "[*skipped, (size, size, False)]", "skipped",
        "containers/test_seal.py",
    ),
    "arrays of any length": Bug(
        "containers/layout.py", " or stored.length(rows) not in (None, *shape)", "",
        "containers/test_npy.py containers/test_safetensors.py containers/test_hdf5.py",
    ),
    "arrays of another type": Bug(
        "containers/layout.py", "dtype != stored.type or ", "",
        "containers/test_npy.py containers/test_safetensors.py containers/test_hdf5.py",
    ),
    "a file that ends within its last array": Bug(
        "containers/layout.py", "        if regions[name].end > size:",
        "        if regions[name].offset > size:", "vectors/formats/test_built_matrix.py",
    ),
    "bytes behind the tensors": Bug(
        "containers/safetensors.py", "if size not in (None, header.end):",
        "if size is not None and header.end > size:",
        "containers/test_safetensors.py verification/test_verification.py",
    ),
    "every file begins its random columns anew": Bug(
        "building/one_build.py", "own, rule, columns.start)", "own, rule, 0)",
        "matching/test_combining.py",
    ),
}  # fmt: skip

POST = {
    "the mean is not quite the mean": Bug(
        "post/applying.py", "return x - fitted.mean", "return x - fitted.mean * 1.0001",
        "post/test_post.py::test_center",
    ),
    "special tokens take part in the fit": Bug(
        "building/new_space.py", "roles != Role.WORD", "roles == Role.PADDING",
        "post/test_post.py::test_special_tokens_take_no_part_in_the_fit",
    ),
    "every row is moved": Bug(
        "post/changing.py", "block[~has_vector[some]] = 0", "pass",
        "post/test_post.py::test_a_record_of_zeros_stays_so_and_takes_no_part",
    ),
    "directions of either sign": Bug(
        "post/eigen.py", "vectors * signs[:, None]", "vectors",
        "post/test_eigen.py",
    ),
    "columns that some files lack are zeros before the steps": Bug(
        "building/one_build.py", "if (provenance == Provenance.PARTIAL).any():", "if False:",
        "post/test_post.py::test_a_row_that_some_files_lack_is_complete_before_the_steps",
    ),
    "products are not exact": Bug(
        "post/exact.py", "    np.rint(whole, out=whole)\n    products", "    products",
        "post/test_exact.py",
    ),
}  # fmt: skip

INDEX = {
    "records that were never indexed": Bug(
        "indexing/indexed.py", "if not (\n            np.array_equal(hits.hashes",
        "if False and not (\n            np.array_equal(hits.hashes",
        "indexing/test_indexed_reading.py::test_every_record_that_is_used_is_one_that_was_indexed",
    ),
    "lines without those before the first record": Bug(
        "indexing/indexed.py", "record=self._indexable.first + records[hits.record]",
        "record=records[hits.record]", "indexing/test_indexed_reading.py::test_the_same_as_without",
    ),
    "a fault at its place in the block": Bug(
        "indexing/indexed.py", "byte=fault.byte - int(place[k]) + int(first[k])", "byte=fault.byte",
        "indexing/test_indexed_reading.py::test_the_same_as_without",
    ),
    "the time of the last change does not count": Bug(
        "indexing/key_index.py", "changed_ns=source.state.changed_ns", "changed_ns=0",
        "indexing/test_key_index.py::test_a_moved_copied_or_replaced_file_is_read",
    ),
    "the content of a file does not count": Bug(
        "vectors/content.py", "_MODULUS) + own)", "_MODULUS))",
        "vectors/test_content.py::test_a_change_in_the_middle",
    ),
    "the order of the lines does not count": Bug(
        "vectors/content.py", "pow(_POINT, count, _MODULUS) + own", "1 + int(digests.sum())",
        "vectors/test_content.py::test_a_change_in_the_middle",
    ),
    "a file that is opened again may be another one": Bug(
        "sources/source.py", "check(path, file.state)", "pass",
        "building/test_replaced_between_readings.py::test_each_file_of_each_format",
    ),
    "an index is written through a link": Bug(
        "indexing/place.py", "os.path.islink(place)", "False",
        "indexing/test_place.py::test_a_link_to_an_index_is_not_followed",
    ),
    "a damaged index is believed": Bug(
        "indexing/key_index.py", 'told != b"%08x\\n" % crc', "False",
        "indexing/test_key_index.py::test_every_flipped_byte_and_every_cut",
    ),
    "blank lines are indexed": Bug(
        "indexing/recording.py", "elif self.has_lines and hits.lines != hits.records",
        "elif False",
        "indexing/test_key_index.py::test_lines_that_are_no_records",
    ),
    "an index of other records of the same bytes": Bug(
        "indexing/key_index.py", "layout=vectors.layout", "layout={}",
        "indexing/test_indexed_word2vec.py::test_the_same_bytes_read_as_text",
    ),
    "binary records placed in their block": Bug(
        "vectors/formats/word2vec_binary.py", "places=scan.places + offset", "places=scan.places",
        "indexing/test_indexed_word2vec.py::test_the_same_as_without",
    ),
    "newlines between records claim memory": Bug(
        "indexing/indexed.py",
        "np.minimum(self._index.places[records + 1], first + self._indexable.largest)",
        "self._index.places[records + 1]",
        "indexing/test_indexed_word2vec.py::test_a_gap_between_records_takes_no_memory",
    ),
}  # fmt: skip

BUGS: dict[str, Bug] = {
    **CORE, **READING, **MATCHING, **DETECTION, **OOV, **COVERAGE, **OUTPUTS, **POST,
    **INDEX,
}  # fmt: skip
"""All of them, by what they do."""

QUICK = (
    "a vector of a neighbour",
    "two tokens of one id",
    "tokens cut by characters",
)
"""Those that a short run plants."""
