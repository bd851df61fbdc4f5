#include "dreamreel/render/settle_output.h"

#include <limits>
#include <string>

#include "dreamreel/core/log.h"
#include "dreamreel/media/output_check.h"
#include "output.h"

namespace dreamreel::render {
namespace {

using Kind = media::OutputFault::Kind;
constexpr const char* kCodec = "output.video.codec";
constexpr const char* kPixelFormat = "output.video.pixel_format";

int rank_of(const job::KeyPlaces& places, const std::string& key) {
  const auto* const place = places.find(key);
  return place == nullptr ? std::numeric_limits<int>::min() : place->rank;
}

// Whether a younger setting chose the codec or container that the setting at fault does not fit.
bool is_outlived(const media::OutputFault& fault, const job::KeyPlaces& places) {
  if (fault.kind == Kind::wrong || places.find(fault.key) == nullptr) return false;
  const int own = rank_of(places, fault.key);
  const bool newer_path = rank_of(places, "output.path") > own;
  if (fault.key == kCodec) return newer_path;
  const bool newer_codec = rank_of(places, kCodec) > own;
  return newer_codec || (newer_path && fault.kind == Kind::does_not_fit);
}

void drop(job::Output& output, const std::string& key) {
  if (key == kCodec) output.codec.clear();
  if (key == kPixelFormat) output.pixel_format.clear();
  const std::string options = "output.video.options.";
  if (key.starts_with(options)) output.codec_options.erase(key.substr(options.size()));
}

}  // namespace

job::Job settle_output(job::Job job, const job::KeyPlaces& places) {
  // Without its codec, a job may have more settings that do not fit. So all faults are looked for again.
  for (bool changes = true; changes;) {
    changes = false;
    media::WriterOptions options;
    options.path = job.output.path;
    options.codec = job.output.codec;
    options.pixel_format = job.output.pixel_format;
    options.options = job.output.codec_options;
    for (const auto& fault : media::find_output_faults(options, {})) {
      if (!is_outlived(fault, places)) continue;
      drop(job.output, fault.key);
      log_warning(places.located(fault.key, fault.message + "; left out, as it was set for another encoder"));
      changes = true;
      if (fault.key == kCodec) break;
    }
  }
  return job;
}

}  // namespace dreamreel::render
