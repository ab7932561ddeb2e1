// Eight numbers of the common shape at a time, where a processor can permute 64 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "numbers.hpp"
#include "processor.hpp"

namespace embedprep {

#if defined(EMBEDPREP_X86)

// The fields that end in the 64 bytes from the first one on, at most eight of them.
struct EightFields {
    std::uint64_t stops;  // bit i: a field ends before byte i
    unsigned count;       // of these bits
    unsigned uncommon;    // bit k: field k has another shape, and its value means nothing
    __m256 values;

    EMBEDPREP_AVX512 unsigned stop(unsigned k) const { return trailing_zeros(_pdep_u64(1u << k, stops)); }
    EMBEDPREP_AVX512 unsigned begin(unsigned k) const { return k == 0 ? 0 : stop(k - 1) + 1; }
};

// The last field of a payload ends with it, at `end`.
EMBEDPREP_AVX512 inline EightFields eight_fields(const char* first, const char* end, char separator) {
    constexpr std::uint64_t ones = 0x0101010101010101u;
    const auto left = static_cast<std::size_t>(end - first);
    const bool last = left < 64;
    const __mmask64 inside = last ? (std::uint64_t{1} << left) - 1 : ~std::uint64_t{0};
    const __m512i bytes = _mm512_maskz_loadu_epi8(inside, first);
    std::uint64_t stops = _mm512_mask_cmpeq_epi8_mask(inside, bytes, _mm512_set1_epi8(separator));
    if (last) stops |= std::uint64_t{1} << left;
    stops = _pdep_u64(0xFF, stops);  // the lowest eight

    const __m512i all = each(~std::uint64_t{0});
    // In each lane of 64 bits, what belongs to one field: where it begins and ends, and its bytes.
    constexpr long long step = 0x0808080808080808, first_eight = 0x0706050403020100;
    const __m512i count_up =
        _mm512_set_epi64(first_eight + 7 * step, first_eight + 6 * step, first_eight + 5 * step, first_eight + 4 * step,
                         first_eight + 3 * step, first_eight + 2 * step, first_eight + step, first_eight);
    const __m512i places = _mm512_maskz_compress_epi8(stops, count_up);
    const __m512i stop = _mm512_cvtepu8_epi64(_mm512_castsi512_si128(places));
    const __m512i start = _mm512_add_epi64(_mm512_alignr_epi64(stop, all, 7), each(1));
    const __m512i lowest_byte = _mm512_set_epi64(step, 0, step, 0, step, 0, step, 0);
    const auto eight_bytes = [&](__m512i place, std::uint64_t offsets) EMBEDPREP_AVX512 {
        return _mm512_permutexvar_epi8(_mm512_add_epi8(_mm512_shuffle_epi8(place, lowest_byte), each(offsets)), bytes);
    };
    const __m512i from_start = eight_bytes(start, 0x0706050403020100u);
    const __m512i before_stop = eight_bytes(stop, 0xFFFEFDFCFBFAF9F8u);

    // As `read_common_number` does it.
    const __mmask8 negative = _mm512_cmpeq_epi64_mask(_mm512_and_si512(from_start, each(0xFF)), each('-'));
    const __m512i unsigned_start = _mm512_mask_srli_epi64(from_start, negative, from_start, 8);
    __m512i n = _mm512_sub_epi64(_mm512_sub_epi64(stop, start), each(2));  // digits behind the point
    n = _mm512_mask_sub_epi64(n, negative, n, each(1));
    const __m512i others = _mm512_sub_epi64(each(64), _mm512_slli_epi64(n, 3));  // bits of what precedes them
    const __m512i of_first = _mm512_sub_epi64(others, each(8));
    const __m512i digits = _mm512_or_si512(_mm512_and_si512(before_stop, _mm512_sllv_epi64(all, others)),
                                           _mm512_sllv_epi64(_mm512_and_si512(unsigned_start, each(0xFF)), of_first));
    // Only a digit becomes a number below ten.
    const __m512i zeros = _mm512_and_si512(each('0' * ones), _mm512_sllv_epi64(all, of_first));
    const __m512i numbers = _mm512_xor_si512(digits, zeros);
    const __m512i beyond = _mm512_subs_epu8(numbers, each(9 * ones));
    const __mmask8 uncommon =
        _mm512_test_epi64_mask(beyond, beyond) |
        _mm512_cmpneq_epi64_mask(_mm512_and_si512(unsigned_start, each(0xFF00)), each(std::uint64_t{'.'} << 8)) |
        _mm512_cmpgt_epu64_mask(_mm512_sub_epi64(n, each(1)), each(6));

    const __m512i pairs = _mm512_maddubs_epi16(numbers, _mm512_set1_epi16(1 << 8 | 10));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
    const __m512i eights = _mm512_add_epi64(_mm512_mul_epu32(fours, each(10000)), _mm512_srli_epi64(fours, 32));
    const __m512d powers = _mm512_permutexvar_pd(n, _mm512_loadu_pd(exact_power));
    const __m512d magnitude = _mm512_div_pd(_mm512_cvtepi64_pd(eights), powers);
    const __m512i bits = _mm512_castpd_si512(magnitude);
    const __m512i value = _mm512_mask_or_epi64(bits, negative, bits, each(std::uint64_t{1} << 63));

    const auto count = static_cast<unsigned>(__builtin_popcountll(stops));
    return {stops, count, uncommon & ((1u << count) - 1), _mm512_cvtpd_ps(_mm512_castsi512_pd(value))};
}

#endif

}  // namespace embedprep
