// Applies the section `colour` of a job to one dreamed frame.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/image/colour.h"
#include "dreamreel/job/job.h"

namespace dreamreel::render {

using Palette = std::optional<image::LabStatistics>;

/// `picture` with the colours that `colour` asks for. First its colours are matched, then it gets the
/// source's chroma, then the limits are applied. `source` is undefined if there is none. `first` is empty for
/// the first frame of a shot. If nothing is asked for, the result is `picture` itself.
at::Tensor coloured(const at::Tensor& picture, const at::Tensor& source, const Palette& first,
                    const job::Colour& colour, const curve::CurveTime& time);

/// An exact text on one line; "" for an empty palette.
std::string to_text(const Palette& palette);
/// Parses to_text(); empty if the text is not valid.
Palette palette_from(const std::string& text);

}  // namespace dreamreel::render
