// Draws small letters on a picture, in a font of 5x7 dots.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace dreamreel::study {

inline constexpr std::int64_t kLetterHeight = 7, kLetterAdvance = 6;  ///< px at scale 1

/// Draws `text` with its top left corner at (x, y) into `picture`, (3,H,W) float32 on the CPU, in grey
/// `level`. A dot has scale x scale px. Parts outside the picture are cut off. The font has ASCII letters,
/// digits and common signs; any other character is a box.
void write_text(at::Tensor& picture, const std::string& text, std::int64_t x, std::int64_t y,
                std::int64_t scale, float level);

/// The text if it fits into `width` px, else ".." and as much of its end as fits.
std::string fitted(const std::string& text, std::int64_t width, std::int64_t scale);

}  // namespace dreamreel::study
