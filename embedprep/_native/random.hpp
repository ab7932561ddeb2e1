// The random numbers of the rows without a vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "words.hpp"

namespace embedprep {

constexpr std::uint64_t blake2b_start[8] = {
    0x6A09E667F3BCC908u, 0xBB67AE8584CAA73Bu, 0x3C6EF372FE94F82Bu, 0xA54FF53A5F1D36F1u,
    0x510E527FADE682D1u, 0x9B05688C2B3E6C1Fu, 0x1F83D9ABFB41BD6Bu, 0x5BE0CD19137E2179u};

// Which word of the message goes where in each round; rounds 10 and 11 are as 0 and 1.
constexpr unsigned char blake2b_order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

inline std::uint64_t rotated(std::uint64_t word, int right) { return word >> right | word << (64 - right); }

// Adds a block of 128 bytes to the state `h`; `size` counts the bytes up to its end.
inline void blake2b_add(std::uint64_t (&h)[8], const char* block, std::uint64_t size, bool is_last) {
    std::uint64_t m[16];
    for (int i = 0; i < 16; ++i) m[i] = load_word(block + 8 * i);
    std::uint64_t v[16];
    for (int i = 0; i < 8; ++i) v[i] = h[i], v[i + 8] = blake2b_start[i];
    v[12] ^= size;
    if (is_last) v[14] = ~v[14];
    const auto mix = [&](int a, int b, int c, int d, std::uint64_t x, std::uint64_t y) {
        v[a] += v[b] + x;
        v[d] = rotated(v[d] ^ v[a], 32);
        v[c] += v[d];
        v[b] = rotated(v[b] ^ v[c], 24);
        v[a] += v[b] + y;
        v[d] = rotated(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = rotated(v[b] ^ v[c], 63);
    };
    for (int round = 0; round < 12; ++round) {
        const unsigned char* const s = blake2b_order[round % 10];
        for (int i = 0; i < 4; ++i) mix(i, 4 + i, 8 + i, 12 + i, m[s[2 * i]], m[s[2 * i + 1]]);
        for (int i = 0; i < 4; ++i)
            mix(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; ++i) h[i] ^= v[i] ^ v[i + 8];
}

// BLAKE2b (RFC 7693) with a digest of 8 bytes and a salt, as a number: the first byte is the lowest.
inline std::uint64_t blake2b(std::string_view message, std::uint64_t salt) {
    std::uint64_t h[8];
    std::memcpy(h, blake2b_start, sizeof h);
    h[0] ^= 0x01010008;  // the tree is one node, there is no key, 8 bytes
    h[4] ^= salt;
    std::size_t begin = 0;
    for (; message.size() - begin > 128; begin += 128) blake2b_add(h, message.data() + begin, begin + 128, false);
    char last[128] = {};
    std::memcpy(last, message.data() + begin, message.size() - begin);
    blake2b_add(h, last, message.size(), true);
    return h[0];
}

// The 32-bit numbers `first` to `first + count` of the sequence that begins at `start`. The generator
// is SplitMix64 (Steele, Lea and Flood 2014); each of its outputs is two numbers.
inline void random_bits(std::uint64_t start, std::uint64_t first, std::size_t count, std::uint32_t* out) {
    const auto output = [&](std::uint64_t i) {
        std::uint64_t z = start + (i + 1) * 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        return z ^ z >> 31;
    };
    std::size_t k = 0;
    if (first % 2 == 1 && count > 0) out[k++] = static_cast<std::uint32_t>(output(first / 2) >> 32);
    for (std::uint64_t i = (first + 1) / 2; k < count; ++i) {
        const std::uint64_t z = output(i);
        out[k++] = static_cast<std::uint32_t>(z);
        if (k < count) out[k++] = static_cast<std::uint32_t>(z >> 32);
    }
}

}  // namespace embedprep
