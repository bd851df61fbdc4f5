// Decodes the frames of one part (media/parts.h), for a look at a render whose parts are not joined yet. One
// thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace dreamreel::media {

class PartFrames {
 public:
  /// `longest_side` reduces frames as ReaderOptions::longest_side does; 0: it does not. The part's checksum
  /// is not compared. Throws InputError if the file cannot be opened. Throws DataError if it is no part, if
  /// it only lists pictures, or if this FFmpeg cannot decode it.
  explicit PartFrames(const std::filesystem::path& part, int longest_side = 0);
  ~PartFrames();
  PartFrames(PartFrames&&) noexcept;
  PartFrames& operator=(PartFrames&&) noexcept;

  /// The next frame in display order, (3,H,W) float32, R'G'B' in [0,1], CPU; nullopt at the end. Throws
  /// DataError for a damaged part.
  std::optional<at::Tensor> next();
  /// Passes over the next frame, without converting it. False at the end.
  bool skip();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::media
