// What a file from outside may make libavformat do: be read, and nothing else. A file says by its content
// what it is, so that a text called clip.mp4 may be a list of other files, or of addresses on the network.
// Three walls stand around an input:
//
// - formats by a list: those that hold pictures or sound themselves;
// - one protocol, "file";
// - whatever a demuxer asks for, only the file that the input is, or the numbered pictures that it is made
//   of, is opened.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "libav.h"
#include "pattern.h"

namespace dreamreel::media {

/// Belongs to one context and must outlive it.
class InputGuard {
 public:
  /// `pattern` for numbered pictures; then `path` is the pattern itself.
  InputGuard(const std::filesystem::path& path, std::optional<NumberPattern> pattern);

  /// Sets the walls up in a new context, before avformat_open_input(). Nothing where all of FFmpeg is
  /// trusted.
  void protect(AVFormatContext& context, Dictionary& options);

  /// Once `stop` is set, reading fails with AVERROR_EXIT, also inside one long call of libavformat. `stop`,
  /// which may be null, must outlive all reading.
  void stop_at(const std::atomic<bool>* stop) { stop_ = stop; }
  bool is_stopped() const { return stop_ != nullptr && stop_->load(); }

 private:
  static int is_stopped(void* guard) { return static_cast<const InputGuard*>(guard)->is_stopped() ? 1 : 0; }
  static int open(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                  AVDictionary** options);
  bool allows(const std::string& url) const;

  const std::filesystem::path path_;
  const std::optional<NumberPattern> pattern_;
  decltype(AVFormatContext::io_open) open_file_ = nullptr;
  const std::atomic<bool>* stop_ = nullptr;
};

/// The format that libavformat takes a file for, if a file from outside may not have it.
std::optional<std::string> refused_format(const std::filesystem::path& path);

/// The protocol, if `path` is no file but an address such as http://host/clip.mp4.
std::optional<std::string> protocol_in(const std::filesystem::path& path);

}  // namespace dreamreel::media
