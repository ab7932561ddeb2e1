// The Python face of the core: converts arguments, releases the GIL, and nothing else.
// `embedprep/core/reference.py` is the specification of what is exported here.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fasttext.hpp"
#include "hashes.hpp"
#include "keys.hpp"
#include "random.hpp"
#include "ranges.hpp"
#include "text.hpp"
#include "word2vec.hpp"

namespace nb = nanobind;
using namespace embedprep;

using Block = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Memory = nb::ndarray<std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Offsets = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Faults = nb::ndarray<std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using ConstRows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Sums = nb::ndarray<double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Rows = nb::ndarray<float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Bits = nb::ndarray<std::uint32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Matrix = nb::ndarray<float, nb::ndim<2>, nb::device::cpu>;  // perhaps some columns of a wider one
using Array = nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>>;

static const char* chars(const Block& block) { return reinterpret_cast<const char*>(block.data()); }

static char one_byte(nb::bytes separator) {
    if (separator.size() != 1) throw std::invalid_argument("the separator is one byte");
    return separator.c_str()[0];
}

static std::string_view view(nb::handle item) {
    char* data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(item.ptr(), &data, &size) != 0) throw nb::python_error();
    return std::string_view(data, static_cast<std::size_t>(size));
}

// Runs `step(i)` for each i below `count` without the GIL, and lets Python handle signals now and
// then: the handler of a second one ends the process.
template <class Step>
static void run_unlocked(std::size_t count, Step step) {
    constexpr std::size_t at_once = 1 << 14;
    for (std::size_t i = 0; i < count;) {
        if (PyErr_CheckSignals() != 0) throw nb::python_error();
        const std::size_t stop = std::min(count, i + at_once);
        nb::gil_scoped_release unlocked;
        for (; i < stop; ++i) step(i);
    }
}

static Seed new_seed() {
    const nb::object random = nb::module_::import_("os").attr("urandom")(sizeof(Seed));
    Seed seed;
    std::memcpy(&seed, view(random).data(), sizeof seed);
    return seed;
}

static Keys* new_keys(nb::list list) {
    auto keys = std::make_unique<Keys>(list.size(), new_seed());
    for (nb::handle item : list) keys->append(view(item));
    run_unlocked(keys->size(), [&](std::size_t i) { keys->enter(static_cast<std::int32_t>(i)); });
    return keys.release();
}

static Array array(Scan& scan, std::vector<std::int64_t> Scan::* member) {
    // The array borrows the vector; the Scan that owns it stays alive as the array's base.
    auto& vector = scan.*member;
    return Array(vector.data(), {vector.size()}, nb::find(scan));
}

static Array array(std::vector<std::int64_t> values) {
    auto* const owned = new std::vector<std::int64_t>(std::move(values));
    nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<std::int64_t>*>(p); });
    return Array(owned->data(), {owned->size()}, owner);
}

static void check_payloads(const Block& block, const Offsets& start, const Offsets& end, std::size_t rows) {
    if (start.shape(0) != rows || end.shape(0) != rows) throw std::invalid_argument("one payload a row");
    for (std::size_t i = 0; i < rows; ++i)
        if (start.data()[i] < 0 || start.data()[i] > end.data()[i] ||
            static_cast<std::size_t>(end.data()[i]) > block.shape(0))
            throw std::out_of_range("a payload outside the block");
}

static void check_pairs(const Offsets& source, std::size_t sources, const Offsets& target, std::size_t targets) {
    if (source.shape(0) != target.shape(0)) throw std::invalid_argument("one target a source");
    for (std::size_t i = 0; i < source.shape(0); ++i)  // a negative one is beyond all
        if (static_cast<std::size_t>(source.data()[i]) >= sources ||
            static_cast<std::size_t>(target.data()[i]) >= targets)
            throw std::out_of_range("a row outside the array");
}

// The name of an array. One of another type is refused: converted it would be a copy, and what is
// written into that nobody would see.
static auto exact(const char* name) { return nb::arg(name).noconvert(); }

NB_MODULE(_core, m) {
    nb::class_<Keys>(m, "Keys")
        .def(nb::new_(&new_keys), nb::arg("keys"))
        .def("__len__", &Keys::size)
        .def_prop_ro("longest_walk", &Keys::longest_walk);

    nb::class_<Scan>(m, "Scan")
        .def_ro("lines", &Scan::lines)
        .def_ro("records", &Scan::records)
        .def_ro("spaced", &Scan::spaced)
        .def_ro("consumed", &Scan::consumed)
        .def_prop_ro("key", [](Scan& s) { return array(s, &Scan::key); })
        .def_prop_ro("line", [](Scan& s) { return array(s, &Scan::line); })
        .def_prop_ro("first", [](Scan& s) { return array(s, &Scan::first); })
        .def_prop_ro("start", [](Scan& s) { return array(s, &Scan::start); })
        .def_prop_ro("end", [](Scan& s) { return array(s, &Scan::end); })
        .def_prop_ro("malformed", [](Scan& s) { return array(s, &Scan::malformed); })
        .def_ro("capitals", &Scan::capitals)
        .def_prop_ro("marks", [](Scan& s) { return array(s, &Scan::marks); })
        .def_prop_ro("hashes", [](Scan& s) { return array(s, &Scan::hashes); })
        .def_prop_ro("places", [](Scan& s) { return array(s, &Scan::places); })
        .def_prop_ro("digests", [](Scan& s) { return array(s, &Scan::digests); });

    m.def(
        "hash_keys",
        [](nb::list keys) {
            std::vector<std::int64_t> hashes;
            hashes.reserve(keys.size());
            for (nb::handle item : keys) {
                const std::string_view key = view(item);
                hashes.push_back(static_cast<std::int64_t>(hash_bytes(key.data(), key.size())));
            }
            return array(std::move(hashes));
        },
        nb::arg("keys"));

    m.def(
        "count_marks",
        [](nb::list keys) {
            std::vector<std::int64_t> counts(mark_count);
            for (nb::handle item : keys) {
                const std::string_view key = view(item);
                if (const std::size_t mark = mark_of(key.data(), key.size()); mark < mark_count) ++counts[mark];
            }
            return array(std::move(counts));
        },
        nb::arg("keys"));

    m.def(
        "find_hashes",
        [](Offsets hashes, Offsets wanted) {
            std::vector<std::int64_t> places;
            {
                nb::gil_scoped_release unlocked;
                const std::int64_t* const first = wanted.data();
                places = find_hashes(hashes.data(), hashes.shape(0), {first, first + wanted.shape(0)});
            }
            return array(std::move(places));
        },
        exact("hashes"), exact("wanted"));

    m.def(
        "scan_text",
        [](Block block, const Keys* keys, std::size_t dim, nb::bytes separator) {
            if (dim == 0) throw std::invalid_argument("dim is at least 1");
            const char byte = one_byte(separator);
            nb::gil_scoped_release unlocked;
            return scan_text(chars(block), block.shape(0), keys, dim, byte);
        },
        exact("block"), nb::arg("keys").none(), nb::arg("dim"), nb::arg("separator"));

    m.def(
        "decode_text",
        [](Block block, Offsets start, Offsets end, nb::bytes separator, Rows rows, Faults bad, Faults nonfinite) {
            const char byte = one_byte(separator);
            const std::size_t count = rows.shape(0);
            const std::size_t dim = rows.shape(1);
            check_payloads(block, start, end, count);
            if (bad.shape(0) != count || nonfinite.shape(0) != count) throw std::invalid_argument("one fault a row");
            const RowReader read = row_reader();
            nb::gil_scoped_release unlocked;
            for (std::size_t i = 0; i < count; ++i)
                decode_row(read, chars(block), start.data()[i], end.data()[i], dim, byte, rows.data() + i * dim,
                           bad.data()[i], nonfinite.data()[i]);
        },
        exact("block"), exact("start"), exact("end"), nb::arg("separator"), exact("rows"), exact("bad"),
        exact("nonfinite"));

    m.def(
        "read_ranges",
        [](int fd, Memory memory, Offsets offset, Offsets begin, Offsets end) {
            const Ranges ranges{offset.data(), begin.data(), end.data(), offset.shape(0)};
            if (begin.shape(0) != ranges.count || end.shape(0) != ranges.count)
                throw std::invalid_argument("one of each a range");
            const auto size = static_cast<std::int64_t>(memory.shape(0));
            for (std::size_t i = 0; i < ranges.count; ++i)
                if (ranges.begin[i] < 0 || ranges.end[i] < ranges.begin[i] || ranges.end[i] > size)
                    throw std::out_of_range("a range outside the memory");
            std::vector<std::int64_t> missing;
            {
                nb::gil_scoped_release unlocked;
                missing = read_ranges(fd, reinterpret_cast<char*>(memory.data()), ranges);
            }
            return array(std::move(missing));
        },
        nb::arg("fd"), exact("memory"), exact("offset"), exact("begin"), exact("end"));

    m.def(
        "scan_word2vec",
        [](Block block, const Keys* keys, std::size_t dim) {
            if (dim == 0) throw std::invalid_argument("dim is at least 1");
            nb::gil_scoped_release unlocked;
            return scan_word2vec(chars(block), block.shape(0), keys, dim);
        },
        exact("block"), nb::arg("keys").none(), nb::arg("dim"));

    m.def(
        "digest_word2vec",
        [](Block block, Offsets places, std::size_t dim) {
            std::vector<std::int64_t> digests;
            {
                nb::gil_scoped_release unlocked;
                digests = digest_word2vec(chars(block), block.shape(0), places.data(), places.shape(0), dim);
            }
            return array(std::move(digests));
        },
        exact("block"), exact("places"), nb::arg("dim"));

    m.def(
        "copy_rows",
        [](Block block, Offsets start, Rows rows, Faults nonfinite) {
            const std::size_t count = rows.shape(0);
            const std::size_t dim = rows.shape(1);
            const auto size = static_cast<std::int64_t>(dim * sizeof(float));
            if (start.shape(0) != count || nonfinite.shape(0) != count) throw std::invalid_argument("one of each a row");
            for (std::size_t i = 0; i < count; ++i)
                if (start.data()[i] < 0 || start.data()[i] > static_cast<std::int64_t>(block.shape(0)) - size)
                    throw std::out_of_range("a payload outside the block");
            nb::gil_scoped_release unlocked;
            for (std::size_t i = 0; i < count; ++i)
                nonfinite.data()[i] = copy_row(chars(block), start.data()[i], dim, rows.data() + i * dim);
        },
        exact("block"), exact("start"), exact("rows"), exact("nonfinite"));

    m.def(
        "scan_fasttext",
        [](Block block, const Keys* keys, std::int64_t entries) {
            nb::gil_scoped_release unlocked;
            return scan_fasttext(chars(block), block.shape(0), keys, entries);
        },
        exact("block"), nb::arg("keys").none(), nb::arg("entries"));

    m.def(
        "ngrams",
        [](nb::list words, std::int64_t minn, std::int64_t maxn, std::uint32_t bucket) {
            if (bucket == 0) throw std::invalid_argument("bucket is at least 1");
            std::vector<std::string> copies;  // another thread may empty the list
            copies.reserve(words.size());
            for (nb::handle word : words) copies.emplace_back(view(word));
            std::vector<std::int64_t> first{0};
            std::vector<std::int64_t> rows;
            run_unlocked(copies.size(), [&](std::size_t i) {
                append_ngrams(copies[i], minn, maxn, bucket, rows);
                first.push_back(static_cast<std::int64_t>(rows.size()));
            });
            return std::make_pair(array(std::move(first)), array(std::move(rows)));
        },
        nb::arg("words"), nb::arg("minn"), nb::arg("maxn"), nb::arg("bucket"));

    m.def(
        "random_bits",
        [](nb::list tokens, std::uint64_t salt, std::uint64_t first, Bits bits) {
            if (bits.shape(0) != tokens.size()) throw std::invalid_argument("one row a token");
            std::vector<std::uint64_t> starts;
            starts.reserve(tokens.size());
            for (nb::handle token : tokens) starts.push_back(blake2b(view(token), salt));
            nb::gil_scoped_release unlocked;
            const std::size_t dim = bits.shape(1);
            for (std::size_t i = 0; i < starts.size(); ++i)
                random_bits(starts[i], first, dim, bits.data() + i * dim);
        },
        nb::arg("tokens"), nb::arg("salt"), nb::arg("first"), exact("bits"));

    m.def(
        "place_rows",
        [](ConstRows rows, Offsets source, Offsets target, Matrix matrix) {
            const std::size_t dim = rows.shape(1);
            check_pairs(source, rows.shape(0), target, matrix.shape(0));
            if (matrix.shape(1) != dim || matrix.stride(1) != 1) throw std::invalid_argument("shapes");
            nb::gil_scoped_release unlocked;
            for (std::size_t i = 0; i < source.shape(0); ++i)
                std::memcpy(matrix.data() + target.data()[i] * matrix.stride(0),
                            rows.data() + static_cast<std::size_t>(source.data()[i]) * dim, dim * sizeof(float));
        },
        exact("rows"), exact("source"), exact("target"), exact("matrix"));

    m.def(
        "add_rows",
        [](ConstRows rows, Offsets source, Offsets target, Sums sums) {
            const std::size_t dim = rows.shape(1);
            check_pairs(source, rows.shape(0), target, sums.shape(0));
            if (sums.shape(1) != dim) throw std::invalid_argument("shapes");
            nb::gil_scoped_release unlocked;
            for (std::size_t i = 0; i < source.shape(0); ++i) {
                const float* const row = rows.data() + static_cast<std::size_t>(source.data()[i]) * dim;
                double* const sum = sums.data() + static_cast<std::size_t>(target.data()[i]) * dim;
                for (std::size_t k = 0; k < dim; ++k) sum[k] += static_cast<double>(row[k]);
            }
        },
        exact("rows"), exact("source"), exact("target"), exact("sums"));
}
