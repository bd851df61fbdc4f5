#include "dreamreel/flow/composed.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <stdexcept>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "read_at.h"

namespace dreamreel::flow {
namespace {

at::Tensor one_after_the_other(const at::Tensor& first, const at::Tensor& second) {
  const at::Tensor positions = image::positions({first.size(1), first.size(2)}, {}, first, first.device());
  return first + read_at(second, positions);
}

}  // namespace

FlowPair composed(const FlowPair& first, const FlowPair& second) {
  image::expect_chw(first.prev_from_cur, 2, "composed: first");
  for (const auto& flow : {first.cur_from_prev, second.prev_from_cur, second.cur_from_prev})
    if (flow.sizes() != first.prev_from_cur.sizes())
      throw std::invalid_argument("composed: the flows differ in size");
  const at::NoGradGuard no_grad;
  return {one_after_the_other(second.prev_from_cur, first.prev_from_cur),
          one_after_the_other(first.cur_from_prev, second.cur_from_prev)};
}

}  // namespace dreamreel::flow
