// Bytes, eight and sixty-four at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace embedprep {

// The eight bytes at `p`; the first is the lowest.
inline std::uint64_t load_word(const char* p) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

inline unsigned trailing_zeros(std::uint64_t word) {  // word is not 0
#if defined(__GNUC__) || defined(__clang__)
    return static_cast<unsigned>(__builtin_ctzll(word));
#else
    unsigned n = 0;
    for (; (word & 1) == 0; word >>= 1) ++n;
    return n;
#endif
}

// Bit i is set where byte i of the 64 at `p` is `byte`.
inline std::uint64_t places_of(char byte, const char* p) {
    std::uint64_t places = 0;
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(byte);
    for (int i = 0; i < 64; i += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
        const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
        places |= static_cast<std::uint64_t>(static_cast<unsigned>(found)) << i;
    }
#else
    constexpr std::uint64_t ones = 0x0101010101010101u;
    constexpr std::uint64_t low = ones * 0x7F;
    for (int i = 0; i < 64; i += 8) {
        const std::uint64_t differs = load_word(p + i) ^ ones * static_cast<unsigned char>(byte);
        // The high bit of each byte that does not differ; then these eight bits side by side.
        const std::uint64_t same = ~((differs & low) + low | differs | low);
        places |= ((same >> 7) * 0x0102040810204080u >> 56) << i;
    }
#endif
    return places;
}

// The same of the first `size` bytes, fewer than 64; those behind are not read. `byte` is not 0.
inline std::uint64_t places_of(char byte, const char* p, std::size_t size) {
    char bytes[64] = {};
    std::memcpy(bytes, p, size);
    return places_of(byte, bytes);
}

}  // namespace embedprep
