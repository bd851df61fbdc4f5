// The section `colour` of a job, applied to one dreamed frame.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/image/colour.h"
#include "dreamreel/job/job.h"

namespace dreamreel::render {

using Palette = std::optional<image::LabStatistics>;

/// `picture` with the colours that `colour` asks for: matched, then with the source's chroma, then within the limits.
/// `source` is undefined where there is none, `first` empty for the first frame of a shot; the result is `picture` itself
/// where nothing is asked.
at::Tensor coloured(const at::Tensor& picture, const at::Tensor& source, const Palette& first,
                    const job::Colour& colour, const curve::CurveTime& time);

/// Exact, on one line; "" for none.
std::string to_text(const Palette& palette);
/// Empty for a text that is none.
Palette palette_from(const std::string& text);

}  // namespace dreamreel::render
