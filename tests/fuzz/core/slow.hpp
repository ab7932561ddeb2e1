// A second way to read what the core reads: slow, short, and nothing shared with it.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace slow {

// Ends the process, so that the fuzzer keeps the input; `NDEBUG` must not take it out.
inline void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "the core is wrong: %s\n", what);
    std::abort();
}

inline std::string_view digits(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(n);
    return taken;
}

inline bool take(std::string_view& text, const char* any_of) {
    if (text.empty() || std::strchr(any_of, text[0]) == nullptr || text[0] == '\0') return false;
    text.remove_prefix(1);
    return true;
}

inline bool is_word(std::string_view text, std::string_view word) {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != word[i] && text[i] != word[i] - 32) return false;
    return true;
}

inline bool is_number(std::string_view text) {
    take(text, "+-");
    if (is_word(text, "nan") || is_word(text, "inf") || is_word(text, "infinity")) return true;
    std::size_t count = digits(text).size();
    if (take(text, ".")) count += digits(text).size();
    if (count == 0) return false;
    if (take(text, "eE")) {
        take(text, "+-");
        if (digits(text).empty()) return false;
    }
    return text.empty();
}

// Of a number.
inline double value(std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); }

inline bool same(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t place = text.find(separator);
        parts.push_back(text.substr(0, place));
        if (place == std::string_view::npos) return parts;
        text.remove_prefix(place + 1);
    }
}

// What is looked for where not every record is wanted; `core_targets.py` has the same.
inline const std::vector<std::string_view>& wanted() {
    static const std::vector<std::string_view> keys{"the", "a", "", "a b", "1", "\xc3\xa9", "-0.5"};
    return keys;
}

inline std::int64_t number_of(std::string_view key) {
    for (std::size_t i = 0; i < wanted().size(); ++i)
        if (wanted()[i] == key) return static_cast<std::int64_t>(i);
    return -1;
}

template <class Keys>
const Keys& table() {
    static const Keys keys = [] {
        Keys all(wanted().size(), {1, 2});
        for (const std::string_view key : wanted()) all.append(key);
        for (std::size_t i = 0; i < wanted().size(); ++i) all.enter(static_cast<std::int32_t>(i));
        return all;
    }();
    return keys;
}

struct Hit {
    std::int64_t key, line, first, start, end;
};

template <class Scan>
void check_hits(const Scan& scan, const std::vector<Hit>& hits) {
    check(scan.key.size() == hits.size(), "number of hits");
    for (std::size_t i = 0; i < hits.size(); ++i)
        check(scan.key[i] == hits[i].key && scan.line[i] == hits[i].line && scan.first[i] == hits[i].first &&
                  scan.start[i] == hits[i].start && scan.end[i] == hits[i].end,
              "a hit");
}

}  // namespace slow
