// Small letters on a picture: a font of 5x7 dots.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace dreamreel::study {

inline constexpr std::int64_t kLetterHeight = 7, kLetterAdvance = 6;  ///< px at scale 1

/// `text` with its top left corner at (x, y) in `picture` (3,H,W) float32 CPU, in grey `level`; dots are scale x scale.
/// What falls outside is left out. A character that the font has not (anything but ASCII letters, digits and common
/// signs) is a box.
void write_text(at::Tensor& picture, const std::string& text, std::int64_t x, std::int64_t y,
                std::int64_t scale, float level);

/// The text, or its end behind "..", as far as it fits into `width` px.
std::string fitted(const std::string& text, std::int64_t width, std::int64_t scale);

}  // namespace dreamreel::study
