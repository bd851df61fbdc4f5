// Dissolves two dreamed pictures into each other.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::carry {

/// Two dreams, (3,H,W) in [0,1], dissolved with a strength between their strengths; `weight` is the share of
/// the second one, in [0,1]. A plain mean of two unrelated dreams is paler than either, so the mean is made
/// stronger by up to 1.5. Only what each dream added to its source is made stronger. Without sources, that is
/// each dream's difference from its mean colour.
at::Tensor dissolved(const at::Tensor& first, const at::Tensor& second, const at::Tensor& first_source,
                     const at::Tensor& second_source, double weight);

}  // namespace dreamreel::carry
