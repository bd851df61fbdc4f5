// Only for clang: defines the function that cmake/tidy_prelude.h has renamed, under the name that <vector>
// still calls.
#include <vector>

void fill_bits(std::_Bit_iterator first, std::_Bit_iterator last,
               const bool& value) __asm__("_ZSt9__fill_a1St13_Bit_iteratorS_RKb");

void fill_bits(std::_Bit_iterator first, std::_Bit_iterator last, const bool& value) {
  std::fill_a1_of_vector_bool(first, last, value);
}
