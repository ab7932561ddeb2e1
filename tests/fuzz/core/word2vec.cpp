// A block of binary word2vec records, scanned and copied.
//
// Input: dimension - 1 in the lowest three bits of a byte; a byte whose lowest bit chooses whether
// only some keys are wanted; then the block.
#include "slow.hpp"
#include "word2vec.hpp"

using embedprep::Keys;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t dim = (data[0] & 7u) + 1;
    const bool some = data[1] & 1;
    const std::string_view block(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Keys* const keys = some ? &slow::table<Keys>() : nullptr;
    const auto scan = embedprep::scan_word2vec(block.data(), block.size(), keys, dim);

    std::vector<slow::Hit> hits;
    std::int64_t records = 0;
    std::size_t place = 0;
    for (;;) {
        while (place < block.size() && block[place] == '\n') ++place;
        const std::size_t key_end = block.find(' ', place);
        const std::size_t end = key_end + 1 + 4 * dim;
        if (key_end == std::string_view::npos || key_end - place > 65536 || end > block.size()) break;
        const auto first = static_cast<std::int64_t>(place), start = static_cast<std::int64_t>(key_end) + 1;
        const std::string_view key = block.substr(place, key_end - place);
        const std::int64_t wanted = some ? slow::number_of(key) : static_cast<std::int64_t>(hits.size());
        if (wanted >= 0) hits.push_back({wanted, records, first, start, static_cast<std::int64_t>(end)});
        ++records;
        place = end;
    }
    slow::check(scan.records == records && scan.lines == records, "a count");
    slow::check(scan.consumed == static_cast<std::int64_t>(place), "what is consumed");
    slow::check_hits(scan, hits);
    for (const slow::Hit& hit : hits) {
        std::vector<float> row(dim), expected(dim);
        const std::int64_t nonfinite = embedprep::copy_row(block.data(), hit.start, dim, row.data());
        std::memcpy(expected.data(), block.data() + hit.start, 4 * dim);
        slow::check(std::memcmp(row.data(), expected.data(), 4 * dim) == 0, "a value");
        std::int64_t first_nonfinite = -1;
        for (std::size_t i = dim; i-- > 0;)
            if (!std::isfinite(expected[i])) first_nonfinite = hit.start + static_cast<std::int64_t>(4 * i);
        slow::check(nonfinite == first_nonfinite, "the first value that is not finite");
    }
    return 0;
}
