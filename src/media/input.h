// Opening files for reading, whatever for: video, sound, tags. Every failure is an InputError that says what
// to do.
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
  std::optional<std::int64_t> picture_count;  ///< of a numbered sequence
  std::string too_large;                      ///< size of pictures that were not looked at, "" for none

  /// Where the file begins, in AV_TIME_BASE units: times of the file are counted from here. Not negative,
  /// because what lies before 0 is an encoder's run-up; except where a short clock ran over (transport and
  /// program streams).
  std::int64_t beginning() const;

  /// Once `stop` is set, reading fails, and throw_if_stopped() throws Interrupted. May be null.
  void stop_at(const std::atomic<bool>* stop) const { guard->stop_at(stop); }
  void throw_if_stopped() const;
};

/// Opens a file or a numbered sequence and reads what its streams are. `frame_rate` is that of pictures
/// (default 24). Whatever the file holds, no other file is opened (input_guard.h).
InputFile open_input(const std::filesystem::path& path, std::optional<Rational> frame_rate = {});

/// The stream to show: the best video stream that is not a cover picture. InputError if there is none or it
/// cannot be decoded.
AVStream& video_stream(const InputFile& input);
/// The same, or nullptr.
AVStream* find_video_stream(const AVFormatContext& context);

int count_sound_tracks(const AVFormatContext& context);

/// A decoder for `stream`, opened, threaded. `alpha`: one that decodes WebM's alpha, where the stream has it
/// and libvpx is there. Pictures that are too large are not decoded. InputError if libav has none.
CodecPtr open_decoder(const AVStream& stream, const std::string& name, bool alpha = false);

/// Says that pictures of `size` ("30000x30000") are larger than what is read (InputError) or than what
/// --memory allows (RenderError), and what to do.
[[noreturn]] void throw_too_large(const std::string& name, const std::string& size);

}  // namespace dreamreel::media
