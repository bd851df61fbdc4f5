// Writes the packets of one video stream, and the sound that belongs to them, into a container file. The file
// is written aside and renamed. Knows nothing of encoding pictures.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/media/writer.h"
#include "encoder.h"
#include "rising_times.h"
#include "sound.h"

namespace dreamreel::media {

class Muxer {
 public:
  /// Opens the file and writes its header. The video track is described by `encoder`, or by `extradata`
  /// instead of the encoder's own. Once `stop` is set, writing fails with Interrupted. Throws JobError,
  /// IoError, InputError.
  Muxer(const WriterOptions& options, const VideoInfo& source, const VideoEncoder& encoder,
        const AVOutputFormat& container, const std::vector<std::uint8_t>* extradata = nullptr,
        const std::atomic<bool>* stop = nullptr);

  /// Writes a video packet, whose times are in `unit`. The packet is left empty.
  void write_video(AVPacket& packet, AVRational unit);
  /// Writes the sound before `seconds`.
  void write_sound_until(double seconds);
  /// Writes the rest of the sound: up to `end_seconds`, or all of it if all sound is kept. Closes, syncs and
  /// renames.
  void finish(double end_seconds);

  const std::filesystem::path& final_path() const { return pending_.final_path(); }

 private:
  static int is_stopped(void* muxer);
  std::optional<double> end_of_sound(const VideoInfo& source) const;
  void add_video(const VideoInfo& source, const VideoEncoder& encoder,
                 const std::vector<std::uint8_t>* extradata);
  void write_header(AVRational unit, double frame_rate);
  void set_last_delay(double end_seconds);
  void mux(AVPacket& packet);
  void expect_written(int error, const LibavErrors& errors) const;

  const AVOutputFormat& container_;
  const std::atomic<bool>* const stop_;
  PendingFile pending_;  // must outlive everything that writes into it
  IoPtr io_;
  OutputPtr context_;
  AVStream* video_ = nullptr;  // owned by context_
  std::int64_t last_video_pts_ = 0;
  std::vector<RisingTimes> times_;  // one for each stream
  bool keeps_sound_;                // after the last frame
  std::unique_ptr<SoundTracks> sound_;
};

}  // namespace dreamreel::media
