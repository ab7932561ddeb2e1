// Where a line ends, how often a byte occurs in it, and its digest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "digest.hpp"
#include "processor.hpp"
#include "words.hpp"

namespace embedprep {

struct Line {
    const char* end;    // its newline, or the end of the block
    std::size_t count;  // of the byte, before that
    std::uint64_t digest;
};

inline std::size_t count_byte(const char* p, const char* end, char byte) {
    std::size_t total = 0;
    while (p < end) {
        // A sum of at most 240 ones fits a byte, so the inner loop becomes byte-wide vector code.
        const char* const stop = end - p > 240 ? p + 240 : end;
        std::uint8_t sum = 0;
        for (; p < stop; ++p) sum = static_cast<std::uint8_t>(sum + (*p == byte));
        total += sum;
    }
    return total;
}

inline Line line_anywhere(const char* p, const char* block_end, char byte) {
    const char* end = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(block_end - p)));
    if (end == nullptr) end = block_end;
    return {end, count_byte(p, end, byte), digest_anywhere(p, static_cast<std::size_t>(end - p))};
}

#if defined(EMBEDPREP_X86)

// How far ahead memory is asked for: a page, as processors do not look beyond the present one. It
// saves a third of the time where a block is not in the cache (0.14 to 0.08 or 0.10 ns a byte).
constexpr std::size_t ahead = 4096;

// All in one pass, in half the time.
EMBEDPREP_AVX2 inline Line line_avx2(const char* first, const char* block_end, char byte) {
    const __m256i newlines = _mm256_set1_epi8('\n');
    const __m256i wanted = _mm256_set1_epi8(byte);
    std::size_t count = 0;
    VectorSums sums;
    const char* p = first;
    const auto digest = [&](const char* end) EMBEDPREP_AVX2 {
        return digest_from(sums.sums(), static_cast<std::size_t>(p - first) / 8, first,
                           static_cast<std::size_t>(end - first));
    };
    for (; block_end - p >= 64; p += 64) {
        _mm_prefetch(p + ahead, _MM_HINT_T0);
        const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
        // Bit i of each is byte i of the 64.
        const auto places = [&](__m256i one) EMBEDPREP_AVX2 {
            const auto of_low = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, one)));
            const auto of_high = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, one)));
            return of_low | static_cast<std::uint64_t>(of_high) << 32;
        };
        const std::uint64_t ends = places(newlines);
        const std::uint64_t found = places(wanted);
        if (ends != 0) {
            const unsigned size = trailing_zeros(ends);
            const std::uint64_t before = (std::uint64_t{1} << size) - 1;
            return {p + size, count + static_cast<std::size_t>(__builtin_popcountll(found & before)), digest(p + size)};
        }
        sums.add(low, high);
        count += static_cast<std::size_t>(__builtin_popcountll(found));
    }
    const char* end = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(block_end - p)));
    if (end == nullptr) end = block_end;
    return {end, count + count_byte(p, end, byte), digest(end)};
}

// The same with vectors twice as long, the last of which is cut by a mask.
EMBEDPREP_AVX512 inline Line line_avx512(const char* first, const char* block_end, char byte) {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    const __m512i newlines = _mm512_set1_epi8('\n');
    const __m512i wanted = _mm512_set1_epi8(byte);
    const __m512i step = each(8 * digest_step);
    __m512i place = _mm512_mullo_epi64(_mm512_set_epi64(8, 7, 6, 5, 4, 3, 2, 1), each(digest_step));
    __m512i products = each(0), words = each(0);
    std::size_t count = 0;
    for (const char* p = first;; p += 64) {
        _mm_prefetch(p + ahead, _MM_HINT_T0);
        const auto left = static_cast<std::size_t>(block_end - p);
        const __mmask64 inside = left < 64 ? (std::uint64_t{1} << left) - 1 : all;
        __m512i bytes = _mm512_maskz_loadu_epi8(inside, p);
        std::uint64_t ends = _mm512_mask_cmpeq_epi8_mask(inside, bytes, newlines);
        std::uint64_t found = _mm512_mask_cmpeq_epi8_mask(inside, bytes, wanted);
        if (left < 64) ends |= std::uint64_t{1} << left;
        __mmask8 within = 0xFF;  // the words that have a byte of the line
        if (ends != 0) {
            const __mmask64 before = _blsmsk_u64(ends) >> 1;
            found &= before;
            bytes = _mm512_maskz_mov_epi8(before, bytes);
            within = static_cast<__mmask8>((1u << (trailing_zeros(ends) + 7) / 8) - 1);
        }
        const __m512i mixed = _mm512_xor_si512(bytes, place);
        const __m512i product = _mm512_mul_epu32(mixed, _mm512_srli_epi64(mixed, 32));
        products = _mm512_mask_add_epi64(products, within, products, product);
        words = _mm512_add_epi64(words, bytes);
        place = _mm512_add_epi64(place, step);
        count += static_cast<std::size_t>(__builtin_popcountll(found));
        if (ends != 0) {
            const char* const end = p + trailing_zeros(ends);
            const WordSums sums{sum_of_words<8>(&products), sum_of_words<8>(&words)};
            return {end, count, finished(sums, static_cast<std::size_t>(end - first))};
        }
    }
}

#endif

using LineFinder = Line (*)(const char* p, const char* block_end, char byte);

// The fastest for this processor.
inline LineFinder line_finder() {
#if defined(EMBEDPREP_X86)
    if (has_avx512()) return line_avx512;
    if (has_avx2()) return line_avx2;
#endif
    return line_anywhere;
}

}  // namespace embedprep
