#include "dreamreel/prepare/settle_output.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "dreamreel/core/log.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/output_check.h"

namespace dreamreel::prepare {
namespace {

using Kind = media::OutputFault::Kind;

int rank_of(const settings::KeyPlaces& places, const std::string& key) {
  const auto* const place = places.find(key);
  return place == nullptr ? std::numeric_limits<int>::min() : place->rank;
}

// One output of a job, and where its keys were written.
class Settling {
 public:
  Settling(job::Output& output, const settings::KeyPlaces& places, std::string key)
      : output_(output),
        places_(places),
        path_(key + ".path"),
        codec_(key + ".video.codec"),
        pixel_format_(key + ".video.pixel_format"),
        options_(key + ".video.options."),
        key_(std::move(key)) {}

  void run() {
    // Without its codec, an output may have more settings that do not fit. So all faults are looked for
    // again.
    for (bool changes = true; changes;) {
      changes = false;
      media::WriterOptions options;
      options.path = output_.path;
      options.codec = output_.codec;
      options.pixel_format = output_.pixel_format;
      options.options = output_.codec_options;
      for (const auto& fault : media::find_output_faults(options, {})) {
        const std::string own = key_ + fault.key.substr(std::string_view("output").size());
        if (!is_outlived(fault.kind, own)) continue;
        drop(own);
        log_warning(places_.located(own, fault.message + "; left out, as it was set for another encoder"));
        changes = true;
        if (own == codec_) break;
      }
    }
  }

 private:
  // Whether a younger setting chose the codec or container that the setting at fault does not fit.
  bool is_outlived(Kind kind, const std::string& key) const {
    if (kind == Kind::wrong || places_.find(key) == nullptr) return false;
    const int own = rank_of(places_, key);
    const bool newer_path = rank_of(places_, path_) > own;
    if (key == codec_) return newer_path;
    const bool newer_codec = rank_of(places_, codec_) > own;
    return newer_codec || (newer_path && kind == Kind::does_not_fit);
  }

  void drop(const std::string& key) {
    if (key == codec_) output_.codec.clear();
    if (key == pixel_format_) output_.pixel_format.clear();
    if (key.starts_with(options_)) output_.codec_options.erase(key.substr(options_.size()));
  }

  job::Output& output_;
  const settings::KeyPlaces& places_;
  const std::string path_, codec_, pixel_format_, options_, key_;
};

}  // namespace

job::Job settle_output(job::Job job, const settings::KeyPlaces& places) {
  for (std::size_t i = 0; i < job::output_count(job); ++i)
    Settling(job::output_at(job, i), places, job::key_of_output(job, i)).run();
  return job;
}

}  // namespace dreamreel::prepare
