// A block of a fastText dictionary, and the n-grams of its keys.
//
// Input: four bytes, minn and maxn (0 to 7), entries (0 to 255) and the number of buckets (1 to
// 128) with a lowest bit that chooses whether only some keys are wanted; then the block.
#include "fasttext.hpp"
#include "slow.hpp"

using embedprep::Keys;

namespace {

std::vector<std::int64_t> ngrams(const std::string& word, std::size_t minn, std::size_t maxn, std::uint32_t bucket) {
    std::vector<std::string> characters;
    for (const char c : "<" + word + ">") {
        if ((c & 0xC0) == 0x80)
            characters.back() += c;
        else
            characters.emplace_back(1, c);
    }
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < characters.size(); ++i) {
        std::uint32_t hash = 2166136261u;
        for (std::size_t n = 1; n <= maxn && i + n <= characters.size(); ++n) {
            for (const char c : characters[i + n - 1])
                hash = (hash ^ static_cast<std::uint32_t>(static_cast<signed char>(c))) * 16777619u;
            const bool is_mark = n == 1 && (i == 0 || i + 1 == characters.size());
            if (n >= minn && !is_mark) rows.push_back(hash % bucket);
        }
    }
    return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::size_t minn = data[0] & 7u, maxn = data[1] & 7u;
    const std::int64_t entries = data[2];
    const std::uint32_t bucket = (data[3] >> 1) + 1u;
    const bool some = data[3] & 1;
    const std::string_view block(reinterpret_cast<const char*>(data) + 4, size - 4);
    const Keys* const keys = some ? &slow::table<Keys>() : nullptr;
    const auto scan = embedprep::scan_fasttext(block.data(), block.size(), keys, entries);

    std::vector<slow::Hit> hits;
    std::vector<std::int64_t> malformed;
    std::int64_t lines = 0, records = 0;
    std::size_t place = 0;
    while (lines < entries) {
        const std::size_t zero = block.find('\0', place);
        if (zero == std::string_view::npos || zero - place > 65536 || zero + 10 > block.size()) break;
        const char type = block[zero + 9];
        const auto first = static_cast<std::int64_t>(place), start = static_cast<std::int64_t>(zero) + 1;
        const std::string_view key = block.substr(place, zero - place);
        if (type != 0 && type != 1) malformed.push_back(first);
        const std::int64_t wanted = some ? slow::number_of(key) : static_cast<std::int64_t>(hits.size());
        if (type == 0 && wanted >= 0) hits.push_back({wanted, lines, first, start, start});
        if (type == 0 || type == 1) {
            std::vector<std::int64_t> rows;
            embedprep::append_ngrams(key, static_cast<std::int64_t>(minn), static_cast<std::int64_t>(maxn), bucket, rows);
            slow::check(rows == ngrams(std::string(key), minn, maxn, bucket), "the n-grams of a key");
        }
        records += type != 1;
        ++lines;
        place = zero + 10;
    }
    slow::check(scan.lines == lines && scan.records == records, "a count");
    slow::check(scan.consumed == static_cast<std::int64_t>(place), "what is consumed");
    slow::check(scan.malformed == malformed, "the malformed entries");
    slow::check_hits(scan, hits);
    return 0;
}
