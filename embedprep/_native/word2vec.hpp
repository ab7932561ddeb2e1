// Records of a binary word2vec file: "key", a space, `dim` little-endian float32; some writers add
// a newline.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "digest.hpp"
#include "scan.hpp"

namespace embedprep {

// The block begins with a record, or with the newline behind one; what is no whole record at its
// end is left out of `consumed`.
inline Scan scan_word2vec(const char* block, std::size_t size, const Keys* keys, std::size_t dim) {
    Scan scan;
    const std::size_t payload = dim * sizeof(float);
    const char* p = block;
    const char* const block_end = block + size;
    for (;;) {
        while (p < block_end && *p == '\n') ++p;
        scan.consumed = p - block;
        if (p == block_end) return scan;
        const char* const key_end = end_of_key(p, block_end, ' ');
        if (key_end == nullptr) return scan;
        // Divided, because a product with a senseless `dim` could wrap around.
        if (static_cast<std::size_t>(block_end - key_end - 1) / sizeof(float) < dim) return scan;
        const std::int64_t number = key_number(keys, scan, block, p, static_cast<std::size_t>(key_end - p));
        if (number != Keys::absent) {
            scan.key.push_back(number);
            scan.line.push_back(scan.records);
            scan.first.push_back(p - block);
            scan.start.push_back(key_end + 1 - block);
            scan.end.push_back(key_end + 1 + payload - block);
        }
        ++scan.records;
        ++scan.lines;
        p = key_end + 1 + payload;
    }
}

// The digests of the records that begin at `places`; or an empty one for a place that is of none. Not
// a part of the scan, which one thread does: it would take three times as long.
inline std::vector<std::int64_t> digest_word2vec(const char* block, std::size_t size, const std::int64_t* places,
                                                 std::size_t count, std::size_t dim) {
    const Digest digest = digest_function();
    std::vector<std::int64_t> digests(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (places[i] < 0 || static_cast<std::size_t>(places[i]) >= size) continue;
        const char* const p = block + places[i];
        const char* const key_end = end_of_key(p, block + size, ' ');
        if (key_end == nullptr || static_cast<std::size_t>(block + size - key_end - 1) / sizeof(float) < dim) continue;
        const auto length = static_cast<std::size_t>(key_end + 1 - p) + dim * sizeof(float);
        digests[i] = static_cast<std::int64_t>(digest(p, length));
    }
    return digests;
}

// One payload into one row. Returns the offset of the first value that is nan or infinite, or -1.
inline std::int64_t copy_row(const char* block, std::int64_t start, std::size_t dim, float* row) {
    for (std::size_t i = 0; i < dim; ++i) {  // byte by byte: the order of the file, not of the machine
        const auto* b = reinterpret_cast<const unsigned char*>(block + start) + i * sizeof(float);
        const std::uint32_t bits = b[0] | b[1] << 8 | b[2] << 16 | static_cast<std::uint32_t>(b[3]) << 24;
        std::memcpy(row + i, &bits, sizeof bits);
    }
    for (std::size_t i = 0; i < dim; ++i)
        if (!std::isfinite(row[i])) return start + static_cast<std::int64_t>(i * sizeof(float));
    return -1;
}

}  // namespace embedprep
