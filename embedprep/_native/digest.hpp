// What a line of a text, or a record of a binary file, is known by: 64 bits over all its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "processor.hpp"

namespace embedprep {

// Two sums over the little-endian words of eight bytes, which any number of words can be added to
// at once: one of products that depend on the place of a word, and one of the words themselves, as
// a product with zero would hide a change of its other factor.
struct WordSums {
    std::uint64_t products = 0;
    std::uint64_t words = 0;
};

constexpr std::uint64_t digest_step = 0x9E3779B97F4A7C15u;

inline void add_word(WordSums& sums, std::uint64_t word, std::size_t number) {
    const std::uint64_t mixed = word ^ (number + 1) * digest_step;
    sums.products += (mixed & 0xFFFFFFFFu) * (mixed >> 32);
    sums.words += word;
}

inline std::uint64_t finished(WordSums sums, std::size_t size) {
    std::uint64_t h = (sums.products + sums.words * digest_step) ^ size * digest_step;
    h = (h ^ h >> 32) * digest_step;
    return h ^ h >> 29;
}

// The words from number `i` on.
inline std::uint64_t digest_from(WordSums sums, std::size_t i, const char* p, std::size_t size) {
    std::uint64_t word;
    for (; 8 * i + 8 <= size; ++i) {
        std::memcpy(&word, p + 8 * i, 8);
        add_word(sums, word, i);
    }
    word = 0;
    if (const std::size_t rest = size - 8 * i; rest != 0) {
        std::memcpy(&word, p + 8 * i, rest);
        add_word(sums, word, i);
    }
    return finished(sums, size);
}

inline std::uint64_t digest_anywhere(const char* p, std::size_t size) { return digest_from({}, 0, p, size); }

#if defined(EMBEDPREP_X86)

// The sum of the words of a vector. The intrinsics that exist for it add signed numbers, which must
// not overflow.
template <std::size_t size>
inline std::uint64_t sum_of_words(const void* vector) {
    std::uint64_t words[size], sum = 0;
    std::memcpy(words, vector, sizeof words);
    for (const std::uint64_t word : words) sum += word;
    return sum;
}

// The sums over blocks of eight words, in vectors. Always inlined: it stays in registers.
struct VectorSums {
    __m256i place, products[2], words[2];

    EMBEDPREP_AVX2 __attribute__((always_inline)) inline VectorSums() {
        constexpr std::uint64_t k = digest_step;
        place = _mm256_set_epi64x(static_cast<long long>(4 * k), static_cast<long long>(3 * k),
                                  static_cast<long long>(2 * k), static_cast<long long>(k));
        for (std::size_t i = 0; i < 2; ++i) products[i] = words[i] = _mm256_setzero_si256();
    }

    // Two sums of each kind, so that none waits for the last addition to it.
    EMBEDPREP_AVX2 __attribute__((always_inline)) inline void add(__m256i low, __m256i high) {
        add(low, products[0], words[0]);
        add(high, products[1], words[1]);
    }

    EMBEDPREP_AVX2 __attribute__((always_inline)) inline WordSums sums() const {
        const __m256i product = _mm256_add_epi64(products[0], products[1]);
        const __m256i word = _mm256_add_epi64(words[0], words[1]);
        return {sum_of_words<4>(&product), sum_of_words<4>(&word)};
    }

private:
    EMBEDPREP_AVX2 __attribute__((always_inline)) inline void add(__m256i word, __m256i& product, __m256i& sum) {
        const __m256i mixed = _mm256_xor_si256(word, place);
        place = _mm256_add_epi64(place, _mm256_set1_epi64x(static_cast<long long>(4 * digest_step)));
        product = _mm256_add_epi64(product, _mm256_mul_epu32(mixed, _mm256_srli_epi64(mixed, 32)));
        sum = _mm256_add_epi64(sum, word);
    }
};

EMBEDPREP_AVX2 inline std::uint64_t digest_avx2(const char* p, std::size_t size) {
    VectorSums sums;
    std::size_t i = 0;
    for (; 8 * i + 64 <= size; i += 8)
        sums.add(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 8 * i)),
                 _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 8 * i + 32)));
    return digest_from(sums.sums(), i, p, size);
}

#endif

using Digest = std::uint64_t (*)(const char* p, std::size_t size);

// The fastest for this processor.
inline Digest digest_function() {
#if defined(EMBEDPREP_X86)
    if (has_avx2()) return digest_avx2;
#endif
    return digest_anywhere;
}

}  // namespace embedprep
