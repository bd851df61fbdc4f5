#include "dreamreel/network/class_probabilities.h"

#include <ATen/ATen.h>

namespace dreamreel::network {

at::Tensor class_probabilities(const at::Tensor& ratings) {
  const at::Tensor logits = ratings[0].detach().to(at::kFloat);
  if (logits.min().item<double>() >= 0 && logits.max().item<double>() <= 1) return logits;
  const auto classes = logits.size(0);
  const bool exclude_each_other = classes == 2 || (classes > 1 && logits.numel() == classes);
  return exclude_each_other ? logits.softmax(0) : logits.sigmoid();
}

}  // namespace dreamreel::network
