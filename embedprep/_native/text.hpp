// Records of a text file: "key value value … value\n".
//
// `scan` finds the records whose key is wanted, `decode` turns their values into float32 rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "eight_numbers.hpp"
#include "lines.hpp"
#include "numbers.hpp"
#include "scan.hpp"

namespace embedprep {

inline const char* strip_right(const char* p, const char* end) {
    while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) --end;
    return end;
}

// Reads `dim` values from [p, end) and hands each to `store(index, value)`.
// Returns nullptr, or the first byte of the field that is not a number.
template <class Store>
const char* read_values(const char* p, const char* end, std::size_t dim, char separator, Store store) {
    // Where fields end is found for many at once: to look for the end of each in turn, a processor
    // would have to wait for that of the one before.
    const char* field = p;
    std::size_t i = 0;
    for (;; p += 64) {
        const auto left = static_cast<std::size_t>(end - p);
        const bool last = left < 64;
        // The end of the payload is that of its last field.
        std::uint64_t stops = last ? places_of(separator, p, left) | std::uint64_t{1} << left : places_of(separator, p);
        for (; stops != 0; stops &= stops - 1) {
            const char* const stop = p + trailing_zeros(stops);
            double value;
            if (i == dim || !read_number(field, stop, end, value)) return field;
            store(i++, value);
            field = stop + 1;
        }
        if (last) return i == dim ? nullptr : end;
    }
}

inline Scan scan_text(const char* block, std::size_t size, const Keys* keys, std::size_t dim, char separator) {
    Scan scan;
    scan.consumed = static_cast<std::int64_t>(size);
    const char* const block_end = block + size;
    const LineFinder next_line = line_finder();
    for (const char* p = block; p < block_end; ++scan.lines) {
        const char* const first = p;
        const Line line = next_line(first, block_end, separator);
        const char* const last = strip_right(first, line.end);
        p = line.end + 1;
        scan.digests.push_back(static_cast<std::int64_t>(line.digest));
        if (first == last) continue;
        ++scan.records;

        const std::size_t separators = line.count - count_byte(last, line.end, separator);
        if (separators < dim) {
            scan.malformed.push_back(first - block);
            continue;
        }
        const char* key_end;
        if (separators == dim) {
            key_end = static_cast<const char*>(std::memchr(first, separator, static_cast<std::size_t>(last - first)));
        } else {
            // The key contains the separator: it is what stands before the last `dim` fields.
            key_end = last;
            for (std::size_t n = 0; n < dim; ++n)
                do --key_end;
                while (*key_end != separator);
            // Nothing but its values tells such a key from a line with a stray separator.
            if (read_values(key_end + 1, last, dim, separator, [](std::size_t, double) {}) != nullptr) {
                scan.malformed.push_back(first - block);
                continue;
            }
            ++scan.spaced;
        }
        const std::int64_t number = key_number(keys, scan, block, first, static_cast<std::size_t>(key_end - first));
        if (number == Keys::absent) continue;
        scan.key.push_back(number);
        scan.line.push_back(scan.lines);
        scan.first.push_back(first - block);
        scan.start.push_back(key_end + 1 - block);
        scan.end.push_back(last - block);
    }
    return scan;
}

constexpr std::int64_t no_fault = -1;

// Reads `dim` values from [p, end) into `row`, and lowers `nonfinite` to the number of the first one
// that is nan, infinite or beyond float32. Returns as `read_values` does.
using RowReader = const char* (*)(const char* p, const char* end, std::size_t dim, char separator, float* row,
                                  std::size_t& nonfinite);

inline void store_value(float* row, std::size_t i, double value, std::size_t& nonfinite) {
    row[i] = static_cast<float>(value);
    if (!std::isfinite(row[i])) nonfinite = std::min(nonfinite, i);
}

inline const char* row_anywhere(const char* p, const char* end, std::size_t dim, char separator, float* row,
                                std::size_t& nonfinite) {
    return read_values(p, end, dim, separator,
                       [&](std::size_t i, double value) { store_value(row, i, value, nonfinite); });
}

#if defined(EMBEDPREP_X86)

EMBEDPREP_AVX512 inline const char* row_avx512(const char* p, const char* end, std::size_t dim, char separator,
                                               float* row, std::size_t& nonfinite) {
    for (std::size_t i = 0;;) {
        const EightFields fields = eight_fields(p, end, separator);
        const auto count = static_cast<unsigned>(std::min<std::size_t>(fields.count, dim - i));
        const unsigned wanted = (1u << count) - 1;
        _mm256_mask_storeu_ps(row + i, static_cast<__mmask8>(wanted), fields.values);
        for (unsigned uncommon = fields.uncommon & wanted; uncommon != 0; uncommon &= uncommon - 1) {
            const unsigned k = trailing_zeros(uncommon);
            const char* const field = p + fields.begin(k);
            double value;
            if (!read_number(field, p + fields.stop(k), end, value)) return field;
            store_value(row, i + k, value, nonfinite);
        }
        if (fields.count == 0) {  // one that is longer than 64 bytes
            const void* const stop = std::memchr(p, separator, static_cast<std::size_t>(end - p));
            const char* const last = stop == nullptr ? end : static_cast<const char*>(stop);
            double value;
            if (i == dim || !read_any_number(p, last, value)) return p;
            store_value(row, i++, value, nonfinite);
            p = last + 1;
        } else {
            if (count < fields.count) return p + fields.begin(count);
            i += count;
            p += fields.begin(count);
        }
        if (p > end) return i == dim ? nullptr : end;
    }
}

#endif

// The fastest for this processor.
inline RowReader row_reader() {
#if defined(EMBEDPREP_X86)
    if (has_avx512()) return row_avx512;
#endif
    return row_anywhere;
}

// One payload into one row. Sets the offset of the first field that is not a number, or that is
// nan, infinite or beyond float32; both stay `no_fault` for a good row.
inline void decode_row(RowReader read, const char* block, std::int64_t start, std::int64_t end, std::size_t dim,
                       char separator, float* row, std::int64_t& bad, std::int64_t& nonfinite) {
    std::size_t first_nonfinite = dim;
    const char* const fault = read(block + start, block + end, dim, separator, row, first_nonfinite);
    bad = fault == nullptr ? no_fault : fault - block;
    nonfinite = no_fault;
    if (fault != nullptr || first_nonfinite == dim) return;
    const char* field = block + start;
    for (std::size_t i = 0; i < first_nonfinite; ++i)
        field = static_cast<const char*>(std::memchr(field, separator, static_cast<std::size_t>(block + end - field))) + 1;
    nonfinite = field - block;
}

}  // namespace embedprep
