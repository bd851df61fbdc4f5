// What the labelled sheets of pictures have in common.
#pragma once

#include <cstdint>

namespace dreamreel::study {

inline constexpr std::int64_t kSheetMargin = 16;  ///< px
inline constexpr std::int64_t kSheetTextScale = 2;
/// Levels of grey: of the sheet, of text, and of text that steps back.
inline constexpr float kSheetBackground = 0.07F, kSheetBright = 0.92F, kSheetDim = 0.55F;

}  // namespace dreamreel::study
