// What a scan of one block reports, whatever the format.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "keys.hpp"

namespace embedprep {

// The marks with which tokenizers write where words begin and end, numbered as in `core/marks.py`.
enum Mark { begins_byte_level, begins_metaspace, begins_space, is_inside, ends_word, ends_metaspace, mark_count };

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
    std::vector<std::int64_t> digests;  // of each line of a text, see `digest.hpp`
    bool capitals = false;  // whether one has a capital letter of ASCII
    std::vector<std::int64_t> marks = std::vector<std::int64_t>(mark_count);  // how many have each mark
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

// The mark of a key, or `mark_count` for a key without one. A mark alone is none.
inline std::size_t mark_of(const char* p, std::size_t n) {
    const auto begins = [&](const char* mark, std::size_t size) { return n > size && std::memcmp(p, mark, size) == 0; };
    const auto ends = [&](const char* mark, std::size_t size) {
        return n > size && std::memcmp(p + n - size, mark, size) == 0;
    };
    if (n < 2) return mark_count;
    switch (p[0]) {  // nearly all keys go past both switches
        case '\xC4': if (begins("\xC4\xA0", 2)) return begins_byte_level; break;
        case '\xE2': if (begins("\xE2\x96\x81", 3)) return begins_metaspace; break;
        case ' ': return begins_space;
        case '#': if (begins("##", 2)) return is_inside; break;
        default: break;
    }
    switch (p[n - 1]) {
        case '>': return ends("</w>", 4) ? ends_word : mark_count;
        case '\x81': return ends("\xE2\x96\x81", 3) ? ends_metaspace : mark_count;
        default: return mark_count;
    }
}

// The number of a wanted key; without a table every record is wanted, and they count up.
inline std::int64_t key_number(const Keys* keys, Scan& scan, const char* block, const char* p, std::size_t n) {
    if (keys == nullptr) return static_cast<std::int64_t>(scan.key.size());
    const Hashes hashes = keys->hashes(p, n);
    scan.hashes.push_back(static_cast<std::int64_t>(hashes.lasting));
    scan.places.push_back(p - block);
    if (!scan.capitals) scan.capitals = has_capital(p, n);
    if (const std::size_t mark = mark_of(p, n); mark < mark_count) ++scan.marks[mark];
    return keys->find(p, n, hashes.secret);
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
