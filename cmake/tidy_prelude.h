// Only clang (presets `tidy` and `fuzz`) reads this header, before every source. libstdc++ 12 makes
// std::vector constexpr in C++20, and clang then refuses LibTorch 1.13's vectors of incomplete types, which
// GCC accepts. So this header includes vector as in C++17. <string> has already declared one of its functions
// as constexpr; that function gets another name.
#pragma once

#include <memory>
#include <string>
#include <utility>

#pragma push_macro("_GLIBCXX20_CONSTEXPR")
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 fill_a1_of_vector_bool  // NOLINT
#include <vector>
#undef __fill_a1
#pragma pop_macro("_GLIBCXX20_CONSTEXPR")
