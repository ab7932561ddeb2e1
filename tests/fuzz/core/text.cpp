// A block of text records, scanned and decoded.
//
// Input: dimension - 1 in the lowest three bits of a byte; a byte whose lowest bits choose the
// separator and whether only some keys are wanted; then the block.
#include "slow.hpp"
#include "text.hpp"

using embedprep::Keys;
using embedprep::Scan;

namespace {

std::string_view stripped(std::string_view line) {
    while (!line.empty() && std::strchr(" \t\r", line.back()) != nullptr && line.back() != '\0') line.remove_suffix(1);
    return line;
}

void check_row(embedprep::RowReader read, std::string_view block, const slow::Hit& hit, std::size_t dim,
               char separator) {
    std::vector<float> row(dim);
    std::int64_t bad, nonfinite;
    embedprep::decode_row(read, block.data(), hit.start, hit.end, dim, separator, row.data(), bad, nonfinite);
    std::int64_t first_bad = -1, first_nonfinite = -1, place = hit.start;
    const auto length = static_cast<std::size_t>(hit.end - hit.start);
    const auto fields = slow::split(block.substr(static_cast<std::size_t>(hit.start), length), separator);
    slow::check(fields.size() == dim, "fields of a hit");
    std::vector<float> expected;
    for (const std::string_view field : fields) {
        const bool good = slow::is_number(field);
        if (!good && first_bad < 0) first_bad = place;
        expected.push_back(good ? static_cast<float>(slow::value(field)) : 0);
        if (good && !std::isfinite(expected.back()) && first_nonfinite < 0) first_nonfinite = place;
        place += static_cast<std::int64_t>(field.size()) + 1;
    }
    slow::check(bad == first_bad, "the first field that is no number");
    if (bad >= 0) return;
    slow::check(nonfinite == first_nonfinite, "the first value that is not finite");
    if (nonfinite < 0) slow::check(std::memcmp(row.data(), expected.data(), dim * sizeof(float)) == 0, "a value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t dim = (data[0] & 7u) + 1;
    const char separator = data[1] & 1 ? '\t' : ' ';
    const bool some = data[1] & 2;
    const std::string_view block(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Keys* const keys = some ? &slow::table<Keys>() : nullptr;
    const Scan scan = embedprep::scan_text(block.data(), block.size(), keys, dim, separator);

    std::vector<slow::Hit> hits;
    std::vector<std::int64_t> malformed;
    std::int64_t lines = 0, records = 0, spaced = 0, place = 0;
    auto all = slow::split(block, '\n');
    if (all.back().empty()) all.pop_back();
    for (const std::string_view line : all) {
        const std::int64_t first = place, number = lines++;
        place += static_cast<std::int64_t>(line.size()) + 1;
        const std::string_view record = stripped(line);
        if (record.empty()) continue;
        ++records;
        const auto fields = slow::split(record, separator);
        bool good = fields.size() > dim;
        if (fields.size() > dim + 1)
            for (std::size_t i = fields.size() - dim; i < fields.size(); ++i) good = good && slow::is_number(fields[i]);
        if (!good) {
            malformed.push_back(first);
            continue;
        }
        spaced += fields.size() > dim + 1;
        const std::int64_t start = fields[fields.size() - dim].data() - block.data();
        const std::string_view key = record.substr(0, static_cast<std::size_t>(start - first - 1));
        const std::int64_t wanted = some ? slow::number_of(key) : static_cast<std::int64_t>(hits.size());
        if (wanted < 0) continue;
        hits.push_back({wanted, number, first, start, first + static_cast<std::int64_t>(record.size())});
    }
    slow::check(scan.lines == lines && scan.records == records && scan.spaced == spaced, "a count");
    slow::check(scan.consumed == static_cast<std::int64_t>(block.size()), "what is consumed");
    slow::check(scan.malformed == malformed, "the malformed records");
    slow::check_hits(scan, hits);
    for (const slow::Hit& hit : hits)
        for (const embedprep::RowReader read : {embedprep::row_anywhere, embedprep::row_reader()})
            check_row(read, block, hit, dim, separator);
    return 0;
}
