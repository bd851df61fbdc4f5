// Converts between tensors and OpenCV's matrices, and makes OpenCV's one process-wide setting.
#pragma once

#include <ATen/core/Tensor.h>

#include <opencv2/core.hpp>

namespace dreamreel::flow {

/// Keeps OpenCV on one thread in the whole process; the first call counts. Otherwise OpenCV would start a
/// thread pool beside ATen's, and both would compete for the cores during the ascent. One thread is enough
/// for the flow.
void keep_opencv_on_one_thread();

/// 8-bit luma of a frame (3,H,W) in [0,1].
cv::Mat luma8(const at::Tensor& frame);

/// A copy of 8-bit levels (1,H,W) on the CPU.
cv::Mat levels_mat(const at::Tensor& luma);

/// A copy of a two-channel float field as (2,H,W).
at::Tensor field_tensor(const cv::Mat& field);

}  // namespace dreamreel::flow
