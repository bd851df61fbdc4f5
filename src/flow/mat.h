// Between tensors and OpenCV's matrices, and OpenCV's one process-wide setting.
#pragma once

#include <ATen/core/Tensor.h>

#include <opencv2/core.hpp>

namespace dreamreel::flow {

/// OpenCV would start a thread pool of its own beside ATen's, and both would fight for the cores while the
/// ascent runs on them. One thread is plenty for flow that runs beside an ascent. Process-wide; the first
/// call counts.
void keep_opencv_on_one_thread();

/// 8-bit luma of a frame (3,H,W) in [0,1].
cv::Mat luma8(const at::Tensor& frame);

/// A copy of a two-channel float field as (2,H,W).
at::Tensor field_tensor(const cv::Mat& field);

}  // namespace dreamreel::flow
