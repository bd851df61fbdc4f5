#include "hold.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>

#include <charconv>

#include "resolve.h"
#include "source.h"

namespace dreamreel::render {
namespace {

constexpr std::int64_t kCell = 8;  // px

constexpr double kMeanUpTo = 0.75 / 255, kCellUpTo = 8.0 / 255;

constexpr char kDrawing = ';';

}  // namespace

bool show_the_same(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor difference = (a - b).abs().mean(0, /*keepdim=*/true).unsqueeze(0);
  if (difference.mean().item<double>() > kMeanUpTo) return false;
  // The cells at the right and lower border may be smaller.
  const at::Tensor cells = at::avg_pool2d(difference, {kCell, kCell}, {kCell, kCell}, {0, 0},
                                          /*ceil_mode=*/true, /*count_include_pad=*/false);
  return cells.max().item<double>() <= kCellUpTo;
}

bool Hold::holds(const media::VideoFrame& drawn, const media::VideoFrame& previous,
                 const media::VideoFrame& frame) const {
  if (!job_.temporal.hold || is_feedback(job_)) return false;
  if (loop_ && (frame.index < 0 || frame.index >= loop_.length - loop_.crossfade)) return false;
  const auto camera = camera_step(job_.camera, timeline_.at(frame), frame.seconds - previous.seconds,
                                  static_cast<double>(frame.index - previous.index));
  return camera.is_identity() && show_the_same(drawn.rgb, frame.rgb);
}

std::string with_drawing(const std::string& note, std::int64_t drawn) {
  return note + kDrawing + std::to_string(drawn);
}

std::optional<std::int64_t> drawing_in(const std::string& note) {
  const auto at = note.find(kDrawing);
  if (at == std::string::npos) return {};
  std::int64_t drawn = 0;
  const char* const end = note.data() + note.size();
  const auto [rest, error] = std::from_chars(note.data() + at + 1, end, drawn);
  if (error != std::errc{} || rest != end) return {};
  return drawn;
}

std::string without_drawing(const std::string& note) {
  return note.substr(0, note.find(kDrawing));
}

}  // namespace dreamreel::render
