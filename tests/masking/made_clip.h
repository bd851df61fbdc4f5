// What the tests of mattes and of masks of the motion share: a clip whose pictures the test makes, and a
// measure of how well a mask fits.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "dreamreel/job/job.h"
#include "support/files.h"

namespace dreamreel::masking {

inline constexpr std::int64_t kClipFrames = 14, kClipHeight = 96, kClipWidth = 160;

/// Writes a lossless clip of kClipFrames pictures at 25 frames a second. `picture` gives them, (3,H,W) in
/// [0,1]. `path` lacks its ending.
inline job::Input write_clip(const std::filesystem::path& path,
                             const std::function<at::Tensor(std::int64_t)>& picture) {
  std::string bytes;
  for (std::int64_t i = 0; i < kClipFrames; ++i) {
    const at::Tensor levels = (picture(i) * 255).round().to(at::kByte).permute({1, 2, 0}).contiguous();
    bytes.append(static_cast<const char*>(levels.data_ptr()), static_cast<std::size_t>(levels.numel()));
  }
  const std::string raw = path.string() + ".rgb";
  test::write_file(raw, bytes);
  job::Input input;
  input.path = path.string() + ".mkv";
  const auto size = std::to_string(kClipWidth) + "x" + std::to_string(kClipHeight);
  test::ffmpeg({"-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", "25", "-i", raw, "-c:v", "ffv1",
                "-pix_fmt", "bgr0", input.path.string()});
  return input;
}

inline double intersection_over_union(const at::Tensor& mask, const at::Tensor& truth) {
  const auto a = mask.gt(0.5), b = truth.gt(0.5);
  return a.logical_and(b).sum().item<double>() / a.logical_or(b).sum().item<double>();
}

}  // namespace dreamreel::masking
