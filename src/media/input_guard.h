// Makes sure that libavformat reads a file from outside and does nothing else. The content of a file decides
// its format. So a text called clip.mp4 may be a list of other files, or of addresses on the network. Three
// walls protect an input:
//
// - Only formats on a list are read: formats that hold pictures or sound themselves.
// - Only one protocol is allowed: "file".
// - Whatever a demuxer asks for, only the input file itself is opened, or its numbered pictures.
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

  /// Sets up the walls in a new context, before avformat_open_input(). Does nothing if all of FFmpeg is
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

/// The file's format as libavformat sees it, if a file from outside may not have that format.
std::optional<std::string> refused_format(const std::filesystem::path& path);

/// The protocol, if `path` is no file but an address such as http://host/clip.mp4.
std::optional<std::string> protocol_in(const std::filesystem::path& path);

}  // namespace dreamreel::media
