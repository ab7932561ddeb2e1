// The wanted keys: a hash table from a byte string to its number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace embedprep {

// Eight bytes of the key a step, the lowest first, then the rest of it.
template <class Step>
inline void each_word(const char* p, std::size_t n, Step step) {
    while (n >= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        step(word);
        p += 8;
        n -= 8;
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, p, n);
    step(tail);
}

// The hash that is stored in an index and shared with a cluster: the same in every process. Multiply
// and fold: keys are short, so set-up cost matters more than the throughput of a stronger hash.
// Anybody can make keys that collide, so no table may choose its slots by it.
class LastingHash {
public:
    explicit LastingHash(std::size_t size) : state_(size * prime) {}

    void add(std::uint64_t word) {
        last_ = (state_ ^ word) * prime;
        state_ = last_ ^ (last_ >> 32);
    }

    std::uint64_t value() const { return last_ ^ (last_ >> 29); }

private:
    static constexpr std::uint64_t prime = 0x9E3779B97F4A7C15u;
    std::uint64_t state_;
    std::uint64_t last_ = 0;
};

inline std::uint64_t hash_bytes(const char* p, std::size_t n) {
    LastingHash hash(n);
    each_word(p, n, [&](std::uint64_t word) { hash.add(word); });
    return hash.value();
}

// Two random numbers that nobody outside the process knows.
struct Seed {
    std::uint64_t start, factor;
};

// The hash of a table in memory. Who does not know the seed cannot make keys that collide: both halves
// of a product with a secret factor are folded together, so no difference between two keys has a
// result that can be foretold.
class SecretHash {
public:
    SecretHash(const Seed& seed, std::size_t size) : state_(seed.start ^ size), factor_(seed.factor | 1) {}

    void add(std::uint64_t word) { state_ = folded_product(state_ ^ word, factor_); }

    std::uint64_t value() const { return state_; }

private:
    static std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
        __extension__ using Wide = unsigned __int128;
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
        constexpr std::uint64_t low = 0xFFFFFFFFu;
        const std::uint64_t middle = (a >> 32) * (b & low) + ((a & low) * (b & low) >> 32);
        const std::uint64_t other = (a & low) * (b >> 32) + (middle & low);
        return a * b ^ ((a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32));
#endif
    }

    std::uint64_t state_;
    std::uint64_t factor_;
};

struct Hashes {
    std::uint64_t lasting, secret;
};

class Keys {
public:
    static constexpr std::int64_t absent = -1;

    Keys(std::size_t expected, const Seed& seed) : seed_(seed) {
        std::size_t slots = 16;
        while (slots < 2 * expected) slots *= 2;  // at most half full: short probes
        slots_.assign(slots, Slot{0, empty});
        starts_.reserve(expected + 1);
        starts_.push_back(0);
    }

    // Copies a key; `enter` makes it one that can be found. At most as many as were expected.
    void append(std::string_view key) {
        if (size() >= static_cast<std::size_t>(INT32_MAX)) throw std::length_error("too many keys");
        bytes_.append(key);
        starts_.push_back(bytes_.size());
    }

    void enter(std::int32_t number) {
        const std::string_view key = at(number);
        SecretHash secret(seed_, key.size());
        each_word(key.data(), key.size(), [&](std::uint64_t word) { secret.add(word); });
        const std::uint64_t hash = secret.value();
        std::size_t i = hash & mask();
        for (; slots_[i].number != empty; i = (i + 1) & mask())
            if (slots_[i].tag == tag(hash) && at(slots_[i].number) == key)
                throw std::invalid_argument("a key is given twice");
        slots_[i] = Slot{tag(hash), number};
    }

    // Both hashes of a key in one walk over its bytes, which costs hardly more than one of them.
    Hashes hashes(const char* p, std::size_t n) const {
        LastingHash lasting(n);
        SecretHash secret(seed_, n);
        each_word(p, n, [&](std::uint64_t word) {
            lasting.add(word);
            secret.add(word);
        });
        return Hashes{lasting.value(), secret.value()};
    }

    // `hash` is the secret one of the bytes.
    std::int64_t find(const char* p, std::size_t n, std::uint64_t hash) const {
        for (std::size_t i = hash & mask(); slots_[i].number != empty; i = (i + 1) & mask())
            if (slots_[i].tag == tag(hash) && at(slots_[i].number) == std::string_view(p, n))
                return slots_[i].number;
        return absent;
    }

    std::size_t size() const { return starts_.size() - 1; }

    // The most slots that a search has to look at: a test counts them instead of seconds.
    std::size_t longest_walk() const {
        std::size_t longest = 0, walk = 0;
        for (std::size_t i = 0; i < 2 * slots_.size(); ++i) {  // twice, because a walk may go round
            walk = slots_[i & mask()].number == empty ? 0 : walk + 1;
            longest = std::max(longest, walk);
        }
        return longest + 1;
    }

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

    Seed seed_;
    std::vector<Slot> slots_;
    std::string bytes_;
    std::vector<std::size_t> starts_;  // size() + 1 offsets into bytes_
};

}  // namespace embedprep
