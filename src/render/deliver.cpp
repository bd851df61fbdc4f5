#include "deliver.h"

#include <fmt/core.h>

#include <string>
#include <system_error>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/prepare/delivered.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/schedule/recipe.h"

namespace dreamreel::render {
namespace {

namespace fs = std::filesystem;

// Whether `part` is whole, and has this label and these frames.
bool is_whole(const fs::path& part, const std::string& label, const fs::path& output, std::int64_t frames) {
  if (media::label_of_part(part) != label) return false;
  try {
    return media::check_part(part, label, output) == frames;
  } catch (const Error& error) {
    log_warning(std::string(error.what()) + "; it is encoded again");
    return false;
  }
}

// Makes one output. `one` is its own job.
class Delivery {
 public:
  Delivery(const job::Job& one, const schedule::Plan& plan, const work::WorkFolder& work,
           const media::VideoInfo& info, const RenderOptions& options, std::string place)
      : one_(one),
        plan_(plan),
        work_(work),
        info_(prepare::info_of_range(info, plan.facts.range)),
        writer_(prepare::writer_options(one, info, plan.facts.range, plan.first_seconds, plan.begin())),
        encoding_(schedule::recipe_of(one, plan).encoding),
        options_(options),
        place_(std::move(place)) {}

  void make(const std::vector<fs::path>& parts) const {
    const auto& output = one_.output;
    const TraceSpan span(options_.trace, Trace::Track::output, "encode an output");
    media::remove_output_leftovers(output.path, output.first_number + plan_.begin(),
                                   output.first_number + plan_.end());
    if (media::joins_lossless_parts(writer_)) {
      tell("");
      media::join_parts(parts, writer_, info_, options_.stop);
    } else {
      media::join_parts(encoded(parts), writer_, info_, options_.stop);
    }
    prepare::note_delivered(one_, plan_, work_);
    // The list of pictures stays, because it tells whether all of them are still there.
    if (media::parts_hold_frames(output.path)) work_.forget_encoded(output.path);
  }

 private:
  void tell(const std::string& frames) const {
    if (options_.progress) options_.progress->activity(fmt::format("encoding {}{}", place_, frames));
  }

  std::vector<fs::path> encoded(const std::vector<fs::path>& parts) const {
    std::vector<fs::path> all;
    for (const auto& piece : plan_.pieces)
      for (const auto& segment : schedule::segments_of(plan_, piece))
        all.push_back(encode(segment, parts.at(all.size())));
    return all;
  }

  fs::path encode(const schedule::Segment& segment, const fs::path& lossless) const {
    throw_if_stopped(options_.stop, "interrupted while encoding");
    const std::string frames = fmt::format("{}..{}", segment.begin, segment.end);
    const std::string label = fmt::format(
        "key {} frames {}", sha256_hex(plan_.part_key(segment) + "\n" + encoding_).substr(0, 32), frames);
    const fs::path part = work_.encoded_part(segment, one_.output.path);
    if (is_whole(part, label, one_.output.path, segment.end - segment.begin)) return part;
    tell(", frames " + frames);
    media::WriterOptions writer = writer_;
    writer.first_frame_number += segment.begin - plan_.begin();
    media::encode_part(lossless, part, label, writer, info_, options_.stop);
    return part;
  }

  const job::Job& one_;
  const schedule::Plan& plan_;
  const work::WorkFolder& work_;
  const media::VideoInfo info_;
  const media::WriterOptions writer_;
  const std::string encoding_;
  const RenderOptions& options_;
  const std::string place_;  // of the output in the job, for messages
};

}  // namespace

void deliver(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
             const std::vector<fs::path>& parts, const media::VideoInfo& info, const RenderOptions& options) {
  work.remove_encoding_leftovers();
  const auto jobs = job::jobs_of_outputs(job);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& path = jobs[i].output.path;
    // Pictures are always looked at, because each of them may have been removed.
    if (media::parts_hold_frames(path) && prepare::is_delivered(jobs[i], plan, work)) {
      log_info(path.string() + " is finished already");
      continue;
    }
    const std::string place = fmt::format("{} (output {} of {})", path.string(), i + 1, jobs.size());
    Delivery(jobs[i], plan, work, info, options, place).make(parts);
    log_info(path.string() + " is finished");
  }
}

}  // namespace dreamreel::render
