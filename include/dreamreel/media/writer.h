// Encodes frames into a file with sound, or into numbered pictures. The file gets its final name only in
// finish(). One thread at a time.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "dreamreel/media/video.h"

namespace dreamreel::media {

struct WriterOptions {
  std::filesystem::path path;  ///< the extension chooses the container; "%06d.png" style writes pictures
  std::string codec;           ///< encoder name; "" = the container's usual one
  /// "" = the encoder's nearest to the source's depth. An odd size that the format cannot hold is kept, in
  /// 4:4:4.
  std::string pixel_format;
  /// Encoder options, as ffmpeg names them ("crf", "preset", "b"), and "q" for a fixed quantiser. An unknown
  /// option is a JobError (78). Without an option for quality, the result is visually lossless.
  std::map<std::string, std::string> options;
  /// For a preview: takes less of the processor and makes a larger file. `options` still count.
  bool quick = false;
  std::optional<std::filesystem::path> sound_from;  ///< file whose sound tracks are copied; nullopt: silent
  double sound_start_seconds = 0;                   ///< the trim's start in that file
  std::int64_t sound_bitrate = 0;  ///< bits a second, of sound that has to be encoded; 0: 96,000 a channel
  /// Keeps all sound and all chapters, even behind the last frame. Otherwise both end with the last frame.
  bool keeps_sound_after_last_frame = false;
  std::optional<std::filesystem::path> metadata_from;  ///< file whose metadata and chapters are kept
  double metadata_start_seconds = 0;    ///< chapters are shifted by this and cut to the output's length
  std::string job_yaml;                 ///< embedded in the output's metadata; read_job() gets it back
  std::int64_t first_frame_number = 0;  ///< number of the first picture of a sequence
};

class Writer {
 public:
  /// `source` has the size, rate, time base, depth and colour of the coming frames. Opens everything that can
  /// be opened now, and tries all packets of the sound, so that mistakes show before the first frame is
  /// rendered. Throws JobError (78) for an unknown encoder, option, pixel format or container, IoError (74)
  /// for an output that cannot be written, InputError (66) for unreadable sound. Once `stop`, which may be
  /// null, is set, this and writing throw Interrupted.
  Writer(const WriterOptions& options, const VideoInfo& source, const std::atomic<bool>* stop = nullptr);
  ~Writer();  ///< without finish(): the unfinished file is removed, nothing stands under the final name
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;

  /// `frame.rgb` is float32 (3,H,W) in [0,1] on the CPU; pts must rise. Throws IoError (a full disk),
  /// RenderError.
  void write(const VideoFrame& frame);

  /// Copies the remaining sound, closes, syncs and renames. Throws IoError.
  void finish();

  /// The place of the pictures: the path, or the pattern's folder.
  const std::filesystem::path& path() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The job embedded by Writer in a video or picture, or nullopt if there is none. It is a stranger's text:
/// print it with printable_lines(). Throws InputError, DataError for a text that is longer than any job.
std::optional<std::string> read_job(const std::filesystem::path& path);

}  // namespace dreamreel::media
