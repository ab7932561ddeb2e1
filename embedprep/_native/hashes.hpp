// Which of many hashes are among some wanted ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace embedprep {

// The places, ascending, of those of the `count` hashes that are among `wanted`.
inline std::vector<std::int64_t> find_hashes(const std::int64_t* hashes, std::size_t count,
                                             std::vector<std::int64_t> wanted) {
    std::sort(wanted.begin(), wanted.end());
    // A bit for each value of the low bits of a wanted hash. At most one in 32 is set, and it fits
    // the processor's cache, so nearly all other hashes are left behind without a cache miss.
    std::size_t bits = 64;
    while (bits < 32 * wanted.size()) bits *= 2;
    const std::uint64_t mask = bits - 1;
    std::vector<std::uint64_t> filter(bits / 64);
    for (const std::int64_t hash : wanted) {
        const std::uint64_t low = static_cast<std::uint64_t>(hash) & mask;
        filter[low / 64] |= std::uint64_t{1} << low % 64;
    }
    std::vector<std::int64_t> places;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t low = static_cast<std::uint64_t>(hashes[i]) & mask;
        if ((filter[low / 64] >> low % 64 & 1) != 0 && std::binary_search(wanted.begin(), wanted.end(), hashes[i]))
            places.push_back(static_cast<std::int64_t>(i));
    }
    return places;
}

}  // namespace embedprep
