// The parts of a fastText model that are many small things: its dictionary, and the character
// n-grams of words.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "scan.hpp"

namespace embedprep {

// Entries of the dictionary: the key, a zero byte, an int64 count, an int8 type (0 word, 1 label).
// Labels are neither records nor hits; an entry of another type is malformed. `lines` counts all of
// them. Stops after `entries`, and leaves what is no whole entry at the end of the block out of
// `consumed`.
inline Scan scan_fasttext(const char* block, std::size_t size, const Keys* keys, std::int64_t entries) {
    constexpr std::size_t behind_key = 1 + sizeof(std::int64_t) + 1;
    Scan scan;
    const char* const block_end = block + size;
    for (const char* p = block; scan.lines < entries;) {
        const char* const key_end = end_of_key(p, block_end, '\0');
        if (key_end == nullptr || static_cast<std::size_t>(block_end - key_end) < behind_key) break;
        const char type = key_end[behind_key - 1];
        if (type != 0 && type != 1) scan.malformed.push_back(p - block);
        const std::int64_t number =
            type == 0 ? key_number(keys, scan, block, p, static_cast<std::size_t>(key_end - p)) : Keys::absent;
        if (number != Keys::absent) {
            scan.key.push_back(number);
            scan.line.push_back(scan.lines);
            scan.first.push_back(p - block);
            scan.start.push_back(key_end + 1 - block);
            scan.end.push_back(key_end + 1 - block);
        }
        if (type != 1) ++scan.records;
        ++scan.lines;
        p = key_end + behind_key;
        scan.consumed = p - block;
    }
    return scan;
}

// FNV-1a as fastText computes it: each byte is extended with its sign first.
inline std::uint32_t hash_ngram(const char* p, std::size_t n) {
    std::uint32_t h = 2166136261u;
    for (std::size_t i = 0; i < n; ++i) {
        h ^= static_cast<std::uint32_t>(static_cast<std::int8_t>(p[i]));
        h *= 16777619u;
    }
    return h;
}

// The buckets of the n-grams of `word`, minn to maxn characters of UTF-8 long, between "<" and ">",
// which are no n-grams alone.
inline void append_ngrams(std::string_view word, std::int64_t minn, std::int64_t maxn, std::uint32_t bucket,
                          std::vector<std::int64_t>& out) {
    const std::string marked = "<" + std::string(word) + ">";
    const auto continues = [&](std::size_t i) { return i < marked.size() && (marked[i] & 0xC0) == 0x80; };
    for (std::size_t i = 0; i < marked.size(); ++i) {
        if (continues(i)) continue;
        std::size_t j = i;
        for (std::int64_t n = 1; j < marked.size() && n <= maxn; ++n) {
            do ++j;
            while (continues(j));
            const bool mark = n == 1 && (i == 0 || j == marked.size());
            if (n >= minn && !mark) out.push_back(hash_ngram(marked.data() + i, j - i) % bucket);
        }
    }
}

}  // namespace embedprep
