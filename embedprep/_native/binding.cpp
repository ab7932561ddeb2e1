// The Python face of the core: converts arguments, releases the GIL, and nothing else.
// `embedprep/_reference.py` is the specification of what is exported here.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <stdexcept>

#include "keys.hpp"
#include "text.hpp"

namespace nb = nanobind;
using namespace embedprep;

using Block = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Offsets = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Faults = nb::ndarray<std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Rows = nb::ndarray<float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Array = nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>>;

static const char* chars(const Block& block) { return reinterpret_cast<const char*>(block.data()); }

static char one_byte(nb::bytes separator) {
    if (separator.size() != 1) throw std::invalid_argument("the separator is one byte");
    return separator.c_str()[0];
}

static Keys* new_keys(nb::list list) {
    auto keys = std::make_unique<Keys>(list.size());
    for (nb::handle item : list) {
        char* data;
        Py_ssize_t size;
        if (PyBytes_AsStringAndSize(item.ptr(), &data, &size) != 0) throw nb::python_error();
        keys->add(std::string_view(data, static_cast<std::size_t>(size)));
    }
    return keys.release();
}

static Array array(Scan& scan, std::vector<std::int64_t> Scan::* member) {
    // The array borrows the vector; the Scan that owns it stays alive as the array's base.
    auto& vector = scan.*member;
    return Array(vector.data(), {vector.size()}, nb::find(scan));
}

static void check_payloads(const Block& block, const Offsets& start, const Offsets& end, std::size_t rows) {
    if (start.shape(0) != rows || end.shape(0) != rows) throw std::invalid_argument("one payload a row");
    for (std::size_t i = 0; i < rows; ++i)
        if (start.data()[i] < 0 || start.data()[i] > end.data()[i] ||
            static_cast<std::size_t>(end.data()[i]) > block.shape(0))
            throw std::out_of_range("a payload outside the block");
}

NB_MODULE(_core, m) {
    nb::class_<Keys>(m, "Keys")
        .def(nb::new_(&new_keys), nb::arg("keys"))
        .def("__len__", &Keys::size);

    nb::class_<Scan>(m, "Scan")
        .def_ro("lines", &Scan::lines)
        .def_ro("records", &Scan::records)
        .def_ro("spaced", &Scan::spaced)
        .def_prop_ro("key", [](Scan& s) { return array(s, &Scan::key); })
        .def_prop_ro("line", [](Scan& s) { return array(s, &Scan::line); })
        .def_prop_ro("start", [](Scan& s) { return array(s, &Scan::start); })
        .def_prop_ro("end", [](Scan& s) { return array(s, &Scan::end); })
        .def_prop_ro("malformed", [](Scan& s) { return array(s, &Scan::malformed); });

    m.def(
        "scan_text",
        [](Block block, const Keys& keys, std::size_t dim, nb::bytes separator) {
            if (dim == 0) throw std::invalid_argument("dim is at least 1");
            const char byte = one_byte(separator);
            nb::gil_scoped_release unlocked;
            return scan_text(chars(block), block.shape(0), keys, dim, byte);
        },
        nb::arg("block"), nb::arg("keys"), nb::arg("dim"), nb::arg("separator"));

    m.def(
        "decode_text",
        [](Block block, Offsets start, Offsets end, nb::bytes separator, Rows rows, Faults bad, Faults nonfinite) {
            const char byte = one_byte(separator);
            const std::size_t count = rows.shape(0);
            const std::size_t dim = rows.shape(1);
            check_payloads(block, start, end, count);
            if (bad.shape(0) != count || nonfinite.shape(0) != count) throw std::invalid_argument("one fault a row");
            nb::gil_scoped_release unlocked;
            for (std::size_t i = 0; i < count; ++i)
                decode_row(chars(block), start.data()[i], end.data()[i], dim, byte, rows.data() + i * dim,
                           bad.data()[i], nonfinite.data()[i]);
        },
        nb::arg("block"), nb::arg("start"), nb::arg("end"), nb::arg("separator"), nb::arg("rows"), nb::arg("bad"),
        nb::arg("nonfinite"));
}
