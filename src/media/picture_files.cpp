#include "picture_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "colour.h"
#include "colour_profile.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "encoder.h"
#include "encoder_choice.h"
#include "exr_header.h"
#include "pattern.h"
#include "picture_text.h"

namespace dreamreel::media {
namespace {

// Writes one file per frame. Each file is written aside and renamed.
class PictureFiles : public Output {
 public:
  PictureFiles(const WriterOptions& options, const VideoInfo& source, PictureSink sink)
      : path_(options.path),
        sink_(std::move(sink)),
        pattern_(NumberPattern::parse(options.path)),
        number_(options.first_frame_number),
        job_yaml_(options.job_yaml),
        encoder_(options, source, container_for(options.path), true) {
    if (!pattern_ && !source.is_still && source.frame_count.value_or(1) > 1) throw_one_picture_only();
    // So that a folder that cannot be written is reported now, not after the first frame.
    const PendingFile probe(next_path());
    if (options.sound_from)
      log_info(fmt::format("pictures have no sound; the sound of {} is left out{}",
                           options.sound_from->string(),
                           source.is_still ? "; with input.duration, a still becomes a film" : ""));
  }

  void write(const VideoFrame& frame) override {
    if (!pattern_ && frames_ > 0) throw_one_picture_only();
    encoder_.send(frame);
    ++frames_;
    write_packets();
  }

  void finish() override {
    if (frames_ == 0) throw RenderError("nothing was rendered into " + path_.string());
    encoder_.flush();
    write_packets();
  }

 private:
  std::filesystem::path next_path() const { return pattern_ ? pattern_->file(number_) : path_; }

  [[noreturn]] void throw_one_picture_only() const { throw JobError(one_picture_only(path_)); }

  void write_packets() {
    while (encoder_.receive(*packet_)) {
      auto picture = with_job({packet_->data, static_cast<std::size_t>(packet_->size)}, job_yaml_);
      const AVCodecContext& codec = encoder_.context();
      const auto wide = wide_primaries(codec.color_primaries);
      if (codec.codec_id == AV_CODEC_ID_EXR && wide) picture = with_exr_primaries(picture, *wide);
      if (is_hdr(codec.color_trc) || wide)
        picture = with_code_points(picture, codec.color_primaries, codec.color_trc);
      write_file_atomically(next_path(), {reinterpret_cast<const char*>(picture.data()), picture.size()});
      if (sink_) sink_(next_path(), picture);
      ++number_;
      av_packet_unref(packet_.get());
    }
  }

  std::filesystem::path path_;
  PictureSink sink_;
  std::optional<NumberPattern> pattern_;
  std::int64_t number_;  // number of the next picture
  std::string job_yaml_;
  VideoEncoder encoder_;
  PacketPtr packet_ = new_packet();
  std::int64_t frames_ = 0;
};

// The name with a printf number: in place of a number as other programs write it ("shot.$F4.exr" of Houdini,
// "shot.@@@@.exr" of Cinema 4D, "shot.#.exr"), or else at its end.
std::string numbered(const std::string& stem) {
  constexpr std::size_t kMostDigits = 9;
  constexpr const char* kDigits = "0123456789";
  std::size_t begin = stem.find("$F"), end = 0, digits = 1;
  if (begin != std::string::npos) {
    end = std::min(stem.find_first_not_of(kDigits, begin + 2), stem.size());
    digits = end == begin + 3 ? static_cast<std::size_t>(stem[begin + 2] - '0') : 1;
  } else {
    begin = stem.find_first_of("@#");
    if (begin == std::string::npos) return stem + "_%06d";
    end = std::min(stem.find_first_not_of(stem[begin], begin), stem.size());
    digits = end - begin;
    const auto is_letter = [&](std::size_t at) {
      return std::isalnum(static_cast<unsigned char>(stem[at])) != 0;
    };
    const bool is_apart = (begin == 0 || !is_letter(begin - 1)) && (end == stem.size() || !is_letter(end));
    if (digits == 1 && !is_apart) return stem + "_%06d";  // "me@home"
  }
  const std::string number = digits < 2 || digits > kMostDigits ? "%d" : "%0" + std::to_string(digits) + "d";
  return stem.substr(0, begin) + number + stem.substr(end);
}

}  // namespace

std::string one_picture_only(const std::filesystem::path& path) {
  const std::string pattern = numbered(path.stem().string()) + path.extension().string();
  return fmt::format(
      "{} holds one picture, but there are more frames; use a pattern such as {}, or one frame alone with "
      "--frames 0",
      path.string(), (path.parent_path() / pattern).string());
}

std::unique_ptr<Output> open_pictures(const WriterOptions& options, const VideoInfo& source,
                                      PictureSink sink) {
  return std::make_unique<PictureFiles>(options, source, std::move(sink));
}

}  // namespace dreamreel::media
