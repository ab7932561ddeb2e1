// The wanted keys: a hash table from a byte string to its number.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace embedprep {

inline std::uint64_t hash_bytes(const char* p, std::size_t n) {
    // Multiply and fold, eight bytes a step: keys are short, so set-up cost matters more than
    // the throughput of a stronger hash. The table compares bytes, a collision costs one probe.
    constexpr std::uint64_t prime = 0x9E3779B97F4A7C15u;
    std::uint64_t h = n * prime;
    while (n >= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        h = (h ^ word) * prime;
        h ^= h >> 32;
        p += 8;
        n -= 8;
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, p, n);
    h = (h ^ tail) * prime;
    return h ^ (h >> 29);
}

class Keys {
public:
    static constexpr std::int64_t absent = -1;

    explicit Keys(std::size_t expected) {
        std::size_t slots = 16;
        while (slots < 2 * expected) slots *= 2;  // at most half full: short probes
        slots_.assign(slots, Slot{0, empty});
        starts_.reserve(expected + 1);
        starts_.push_back(0);
    }

    void add(std::string_view key) {
        if (size() >= static_cast<std::size_t>(INT32_MAX)) throw std::length_error("too many keys");
        const std::uint64_t hash = hash_bytes(key.data(), key.size());
        std::size_t i = hash & mask();
        for (; slots_[i].number != empty; i = (i + 1) & mask())
            if (slots_[i].tag == tag(hash) && at(slots_[i].number) == key)
                throw std::invalid_argument("a key is given twice");
        slots_[i] = Slot{tag(hash), static_cast<std::int32_t>(size())};
        bytes_.append(key);
        starts_.push_back(bytes_.size());
    }

    // `hash` is that of the bytes.
    std::int64_t find(const char* p, std::size_t n, std::uint64_t hash) const {
        for (std::size_t i = hash & mask(); slots_[i].number != empty; i = (i + 1) & mask())
            if (slots_[i].tag == tag(hash) && at(slots_[i].number) == std::string_view(p, n))
                return slots_[i].number;
        return absent;
    }

    std::size_t size() const { return starts_.size() - 1; }

private:
    // The tag is the half of the hash that does not choose the slot; it spares nearly every
    // comparison with the bytes of another key, which would be a cache miss.
    struct Slot {
        std::uint32_t tag;
        std::int32_t number;
    };
    static constexpr std::int32_t empty = -1;

    static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
    std::size_t mask() const { return slots_.size() - 1; }
    std::string_view at(std::int32_t number) const {
        return std::string_view(bytes_).substr(starts_[number], starts_[number + 1] - starts_[number]);
    }

    std::vector<Slot> slots_;
    std::string bytes_;
    std::vector<std::size_t> starts_;  // size() + 1 offsets into bytes_
};

}  // namespace embedprep
