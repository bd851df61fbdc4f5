// The section `colour` of a job, applied to one dreamed frame.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/job/job.h"

namespace dreamreel::render {

/// `picture` with the colours that `colour` asks for: matched, then with the source's chroma, then within the limits.
/// `source` is undefined where there is none; the result is `picture` itself where nothing is asked.
at::Tensor coloured(const at::Tensor& picture, const at::Tensor& source, const job::Colour& colour,
                    const curve::CurveTime& time);

}  // namespace dreamreel::render
