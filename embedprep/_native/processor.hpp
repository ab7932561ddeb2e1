// Which instructions beyond the least this processor has; for code that exists once for each of them.
#pragma once

#include <cstdint>

#if defined(__x86_64__) && (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 8))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // GCC warns of its own header
#include <immintrin.h>
#pragma GCC diagnostic pop
#define EMBEDPREP_X86
#define EMBEDPREP_AVX2 __attribute__((target("avx2,popcnt")))
#define EMBEDPREP_AVX512 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

namespace embedprep {

inline bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"); }

// With the permutations of bytes: Intel since Ice Lake, AMD since Zen 4.
inline bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

// A vector of equal words.
EMBEDPREP_AVX512 inline __m512i each(std::uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }

}  // namespace embedprep

#endif
