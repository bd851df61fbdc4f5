// What `--show mask` draws.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::masking {

/// (3,H,W) in [0,1]: the source in grey under the masks, each in its colour. Undefined masks are left out.
/// `dream` is the mask of the whole dream; objectives[i] is the mask of objective i.
at::Tensor masks_picture(const at::Tensor& source, const at::Tensor& dream,
                         const std::vector<at::Tensor>& objectives);
/// Which colour stands for which mask of the job: "red: dream.mask, green: dream.objectives.1.mask".
std::string words_for_masks(const job::Job& job);

}  // namespace dreamreel::masking
