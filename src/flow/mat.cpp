#include "mat.h"

#include <ATen/ops/from_blob.h>

#include <mutex>
#include <stdexcept>

#include "dreamreel/image/frame.h"

namespace dreamreel::flow {

void keep_opencv_on_one_thread() {
  static std::once_flag once;
  std::call_once(once, [] { cv::setNumThreads(1); });
}

cv::Mat luma8(const at::Tensor& frame) {
  return levels_mat(image::luma(frame).mul_(255).round_().clamp_(0, 255).to(at::kByte).cpu());
}

cv::Mat levels_mat(const at::Tensor& luma) {
  if (luma.dim() != 3 || luma.size(0) != 1 || luma.scalar_type() != at::kByte)
    throw std::invalid_argument("flow: expected 8-bit levels (1,H,W)");
  const at::Tensor levels = luma.contiguous();
  const cv::Mat view(static_cast<int>(levels.size(1)), static_cast<int>(levels.size(2)), CV_8UC1,
                     levels.data_ptr<std::uint8_t>());
  return view.clone();
}

at::Tensor field_tensor(const cv::Mat& field) {
  const cv::Mat whole = field.isContinuous() ? field : field.clone();
  // from_blob wants a writable pointer; the tensor is only read.
  void* pixels = const_cast<uchar*>(whole.data);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return at::from_blob(pixels, {whole.rows, whole.cols, 2}, at::kFloat)
      .permute({2, 0, 1})
      .clone(at::MemoryFormat::Contiguous);
}

}  // namespace dreamreel::flow
