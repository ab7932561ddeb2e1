// One decimal number: text -> double, correctly rounded.
//
// Grammar: [-+]? (digits [. digits?] | . digits) ([eE] [-+]? digits)?  or nan, inf, infinity.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "words.hpp"

#if !defined(__cpp_lib_to_chars)
#include <clocale>
#include <cstdlib>
#include <locale.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif
#endif

namespace embedprep {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Bit 7 of the lowest byte that is not a digit, and maybe bits above it; 0 if all eight are digits.
inline std::uint64_t non_digits(std::uint64_t word) {
    // The high bit of a byte gets set where it is below '0' or above '9'. Carries and borrows
    // only run upwards, so the lowest set bit is right whatever stands above it.
    return ((word + 0x4646464646464646u) | (word - 0x3030303030303030u)) & 0x8080808080808080u;
}

// The value of eight digits; zero bytes count as the digit 0.
inline std::uint64_t eight_digits(std::uint64_t word) {
    word = (word & 0x0F0F0F0F0F0F0F0Fu) * 2561 >> 8;
    word = (word & 0x00FF00FF00FF00FFu) * 6553601 >> 16;
    return (word & 0x0000FFFF0000FFFFu) * 42949672960001u >> 32;
}

// Powers of ten that a double holds exactly.
constexpr double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Any valid unsigned number of the grammar, by the library. `scale` is the power of ten of the
// first digit that is not zero: it tells overflow from underflow where the library does not.
inline double convert_slowly(const char* first, const char* last, bool large) {
#if defined(__cpp_lib_to_chars)
    double value = 0;
    const auto result = std::from_chars(first, last, value);
    if (result.ec == std::errc::result_out_of_range)
        return large ? std::numeric_limits<double>::infinity() : 0.0;
    return value;
#else
    static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
    (void)large;
    return strtod_l(std::string(first, last).c_str(), nullptr, plain);
#endif
}

inline bool matches(const char* p, const char* end, const char* word) {
    for (; *word; ++p, ++word)
        if (p == end || (*p | 0x20) != *word) return false;
    return p == end;
}

// The shape of nearly every value of the published files: one digit, a point and up to seven
// digits, with or without a minus. Free of branches on the sign and on the number of digits, which
// no processor can predict. Returns whether [p, stop) has that shape.
inline bool read_common_number(const char* p, const char* stop, double& value) {
    const std::uint64_t negative = *p == '-';
    p += negative;
    const std::ptrdiff_t n = stop - p - 2;  // digits behind the point
    if (n < 1 || n > 7 || p[1] != '.' || !is_digit(p[0])) return false;
    const std::uint64_t word = load_word(p + 2);
    const auto others = static_cast<unsigned>(64 - 8 * n);  // bits of what follows them
    if (non_digits(word) << others != 0) return false;
    // The n + 1 digits, moved to the end of eight of which the first are zeros.
    const std::uint64_t digits = (word << 8 | static_cast<unsigned char>(p[0])) << (others - 8);
    // Both operands are exact, so this one operation rounds correctly.
    const double magnitude = static_cast<double>(static_cast<std::int64_t>(eight_digits(digits))) / exact_power[n];
    // Compilers make a branch of any way to set the sign but integer arithmetic.
    std::uint64_t bits;
    std::memcpy(&bits, &magnitude, 8);
    bits |= negative << 63;
    std::memcpy(&value, &bits, 8);
    return true;
}
constexpr std::ptrdiff_t common_number_reach = 11;  // bytes that it looks at: sign, two, eight

// Any number of the grammar that is all of [p, end). Returns whether it is one.
inline bool read_any_number(const char* p, const char* end, double& value) {
    const bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) ++p;
    const char* const first = p;

    std::uint64_t mantissa = 0;
    for (; p < end && is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
    std::ptrdiff_t digits = p - first;
    std::ptrdiff_t fraction = 0;
    if (p < end && *p == '.') {
        const char* const point = p++;
        for (; p < end && is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
        fraction = p - point - 1;
        digits += fraction;
    }

    if (digits == 0) {
        if (matches(first, end, "nan"))
            value = std::numeric_limits<double>::quiet_NaN();
        else if (matches(first, end, "inf") || matches(first, end, "infinity"))
            value = std::numeric_limits<double>::infinity();
        else
            return false;
        if (negative) value = -value;
        return true;
    }

    std::int64_t exponent = 0;
    if (p < end && (*p == 'e' || *p == 'E')) {
        ++p;
        const bool down = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+')) ++p;
        if (p == end || !is_digit(*p)) return false;
        // Saturates far outside any double: the digits themselves go to the library below.
        for (; p < end && is_digit(*p); ++p)
            if (exponent < 1000000000) exponent = exponent * 10 + (*p - '0');
        if (down) exponent = -exponent;
    }
    if (p < end) return false;

    const std::int64_t scale = exponent - fraction;
    if (digits <= 19 && mantissa <= (std::uint64_t{1} << 53) && scale >= -22 && scale <= 22) {
        // Both operands are exact, so this one operation rounds correctly.
        value = static_cast<double>(mantissa);
        value = scale < 0 ? value / exact_power[-scale] : value * exact_power[scale];
    } else {
        const char* lead = first;
        while (lead < p && (*lead == '0' || *lead == '.')) ++lead;
        const char* point = first;
        while (point < p && is_digit(*point)) ++point;
        // Decimal exponent of the leading digit: positive means a number of at least 1.
        const std::int64_t magnitude = exponent + (lead < point ? point - lead - 1 : point - lead);
        value = convert_slowly(first, p, magnitude > 0);
    }
    if (negative) value = -value;
    return true;
}

// The number that is all of [p, stop), of which the bytes up to `end` may be read.
inline bool read_number(const char* p, const char* stop, const char* end, double& value) {
    if (end - p >= common_number_reach && read_common_number(p, stop, value)) return true;
    return read_any_number(p, stop, value);
}

}  // namespace embedprep
