// What the ratings of a layer of classes say, as probabilities.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::network {

/// The ratings of a layer of classes, (1,C,...), as probabilities in [0,1], float32 (C,...). Ratings that lie in [0,1] are
/// taken as they are, all others are logits: a sigmoid for each class where a layer has positions, which may see several
/// things; a softmax over the classes where the layer has one position, or two classes, which exclude each other.
at::Tensor class_probabilities(const at::Tensor& ratings);

}  // namespace dreamreel::network
