// Opens files for reading, for video, sound or tags. Every failure is an InputError that says what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "input_guard.h"
#include "libav.h"

namespace dreamreel::media {

struct InputFile {
  std::unique_ptr<InputGuard> guard;  ///< outlives the context
  InputPtr context;
  std::string name;                           ///< the path, for messages
  std::filesystem::path first_file;           ///< the path, or the first picture of a numbered sequence
  bool is_picture = false;                    ///< one picture by its format, without a time line
  std::optional<std::int64_t> picture_count;  ///< number of pictures, for a numbered sequence
  std::string too_large;                      ///< size of pictures too large to look at, "" for none

  /// The beginning of the file, in AV_TIME_BASE units, from which its times are counted. It is not negative,
  /// because packets before 0 are an encoder's run-up. The exception is a short clock that ran over
  /// (transport and program streams).
  std::int64_t beginning() const;

  /// Once `stop` is set, reading fails, and throw_if_stopped() throws Interrupted. May be null.
  void stop_at(const std::atomic<bool>* stop) const { guard->stop_at(stop); }
  void throw_if_stopped() const;
};

/// Opens a file or a numbered sequence and finds its streams. `frame_rate` is the rate of pictures (default
/// 24). The content of the file can never make libav open another file (input_guard.h).
InputFile open_input(const std::filesystem::path& path, std::optional<Rational> frame_rate = {});

/// The stream to show: the best video stream that is not a cover picture. InputError if there is none or it
/// cannot be decoded.
AVStream& video_stream(const InputFile& input);
/// The same, or nullptr.
AVStream* find_video_stream(const AVFormatContext& context);

/// Whether frames of `stream` may have alpha: its pixel format has, or WebM says so in its header.
bool carries_alpha(const AVStream& stream);

int count_sound_tracks(const AVFormatContext& context);

/// An opened decoder for `stream`, with threads. With `alpha`, the decoder also decodes WebM's alpha, if the
/// stream has alpha and libvpx is there. Pictures that are too large are not decoded. InputError if libav has
/// no decoder.
CodecPtr open_decoder(const AVStream& stream, const std::string& name, bool alpha = false);

/// Throws InputError if pictures of `size` ("30000x30000") are larger than any that are read, or RenderError
/// if they are larger than --memory allows. The message says what to do.
[[noreturn]] void throw_too_large(const std::string& name, const std::string& size);

}  // namespace dreamreel::media
