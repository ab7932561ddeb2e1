// What a scan of one block reports, whatever the format.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "keys.hpp"

namespace embedprep {

// Offsets count from the first byte of the block.
struct Scan {
    std::int64_t lines = 0;     // lines of a text, entries of a dictionary; elsewhere records
    std::int64_t records = 0;   // malformed ones included
    std::int64_t spaced = 0;    // records whose key contains the separator
    std::int64_t consumed = 0;  // bytes of whole records
    // Per hit: key number, line, first byte of the key, payload. The key ends a byte before `start`.
    std::vector<std::int64_t> key, line, first, start, end;
    std::vector<std::int64_t> malformed;  // first byte of each malformed record
    // Of the keys of all records, where not every one is wanted; `places` are their first bytes.
    std::vector<std::int64_t> hashes, places;
    bool capitals = false;  // whether one has a capital letter of ASCII
};

// Whether there is a capital letter of ASCII. Eight bytes at a time: keys are short.
inline bool has_capital(const char* p, std::size_t n) {
    constexpr std::uint64_t ones = 0x0101010101010101u;
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < n; i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, p + i, n - i < 8 ? n - i : 8);
        // The high bit of a byte: it is ASCII, at least 'A', and not above 'Z'.
        const std::uint64_t low = word & (ones * 0x7F);
        found |= ~word & (low + ones * (0x80 - 'A')) & ~(low + ones * (0x80 - 'Z' - 1));
    }
    return (found & (ones * 0x80)) != 0;
}

// The number of a wanted key; without a table every record is wanted, and they count up.
inline std::int64_t key_number(const Keys* keys, Scan& scan, const char* block, const char* p, std::size_t n) {
    if (keys == nullptr) return static_cast<std::int64_t>(scan.key.size());
    const std::uint64_t hash = hash_bytes(p, n);
    scan.hashes.push_back(static_cast<std::int64_t>(hash));
    scan.places.push_back(p - block);
    if (!scan.capitals) scan.capitals = has_capital(p, n);
    return keys->find(p, n, hash);
}

// A longer key is none. The bound is that of a search in a damaged file, and it stands here so that
// it does not depend on the size of the block.
constexpr std::ptrdiff_t max_key_bytes = 64 << 10;

// The byte `end` behind the key that begins at `p`, or nullptr.
inline const char* end_of_key(const char* p, const char* block_end, char end) {
    const std::ptrdiff_t size = std::min(block_end - p, max_key_bytes + 1);
    return size == 0 ? nullptr : static_cast<const char*>(std::memchr(p, end, static_cast<std::size_t>(size)));
}

}  // namespace embedprep
