// Many ranges of a file, in the order in which it takes the least time to have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>
#endif

namespace embedprep {

struct Ranges {
    const std::int64_t* offset;  // in the file
    const std::int64_t* begin;   // in the memory that is filled
    const std::int64_t* end;
    std::size_t count;
};

#if !defined(_WIN32)

// Whether all of range i came at once; with `now` only if the system has it in memory.
inline bool read_range(int fd, char* memory, const Ranges& ranges, std::size_t i, bool now) {
    const auto size = static_cast<std::size_t>(ranges.end[i] - ranges.begin[i]);
    char* const place = memory + ranges.begin[i];
    const auto offset = static_cast<off_t>(ranges.offset[i]);
    if (!now) return pread(fd, place, size, offset) == static_cast<ssize_t>(size);
#if defined(RWF_NOWAIT)
    iovec part{place, size};
    return preadv2(fd, &part, 1, offset, RWF_NOWAIT) == static_cast<ssize_t>(size);
#else
    return false;
#endif
}

#endif

// Fill the memory; the numbers of the ranges that did not come whole, for whatever reason.
inline std::vector<std::int64_t> read_ranges(int fd, char* memory, const Ranges& ranges) {
    std::vector<std::int64_t> missing;
    for (std::size_t i = 0; i < ranges.count; ++i) {
#if !defined(_WIN32)
        if (read_range(fd, memory, ranges, i, true)) continue;
#endif
        missing.push_back(static_cast<std::int64_t>(i));
    }
#if !defined(_WIN32)
#if defined(POSIX_FADV_WILLNEED)
    // A disk serves many wishes at a time.
    for (const std::int64_t i : missing)
        posix_fadvise(fd, static_cast<off_t>(ranges.offset[i]), static_cast<off_t>(ranges.end[i] - ranges.begin[i]),
                      POSIX_FADV_WILLNEED);
#endif
    std::size_t left = 0;
    for (const std::int64_t i : missing)
        if (!read_range(fd, memory, ranges, static_cast<std::size_t>(i), false)) missing[left++] = i;
    missing.resize(left);
#endif
    return missing;
}

}  // namespace embedprep
