// One field: is it a number, and which one is it, whatever stands behind it.
//
// Input: a byte whose lowest bit chooses the separator, then the field and what follows.
#include "numbers.hpp"
#include "slow.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const char separator = data[0] & 1 ? '\t' : ' ';
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string_view field = slow::split(text, separator)[0];
    double value = 0;
    const char* const end = text.data() + text.size();
    const bool number = embedprep::read_number(field.data(), field.data() + field.size(), end, value);
    slow::check(number == slow::is_number(field), "what a number is");
    if (!number) return 0;
    slow::check(slow::same(value, slow::value(field)), "the value of a number");
    return 0;
}
