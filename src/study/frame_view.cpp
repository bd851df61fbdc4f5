#include "dreamreel/study/frame_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/draft.h"
#include "dreamreel/model/network_shelf.h"
#include "dreamreel/render/one_frame.h"
#include "dreamreel/render/one_shot.h"
#include "dreamreel/render/render.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/study/finished_files.h"
#include "source_facts.h"

namespace dreamreel::study {
namespace {

int even(double length) {
  return std::max(2, 2 * static_cast<int>(std::lround(length / 2)));
}

// Passes the number of finished frames on.
class FramesDone : public report::ProgressSink {
 public:
  explicit FramesDone(const std::function<void(std::int64_t)>& observer) : observer_(observer) {}
  void activity(const std::string& /*text*/) override {}
  void start(const report::RenderStart& /*start*/) override {}
  void frame(const report::FrameProgress& progress) override {
    if (observer_) observer_(progress.done);
  }
  void finish(const std::string& /*output*/, std::int64_t /*frames*/, double /*seconds*/) override {}

 private:
  const std::function<void(std::int64_t)>& observer_;
};

}  // namespace

ViewSize view_size(int width, int height, int longest_side) {
  const int longest = std::max(width, height);
  if (longest <= longest_side) return {width, height};
  const double factor = static_cast<double>(longest_side) / longest;
  return {std::min(even(width * factor), width), std::min(even(height * factor), height)};
}

struct SourceView::Impl {
  std::mutex mutex;
  FactsOfSources facts;
  std::string key;  // of the open source
  std::unique_ptr<footage::FrameSource> source;
  std::int64_t next = 0;  // the number of the frame that source->next() gives
  std::optional<std::pair<std::int64_t, at::Tensor>> last;

  void open(const job::Job& job, std::int64_t frame, int longest_side) {
    const Facts known = facts.of(job);
    source = footage::open_source(job, frame, known.loop, longest_side);
    next = -known.loop.run_in;
    last.reset();
  }

  at::Tensor read(std::int64_t frame) {
    if (last && last->first == frame) return last->second;
    next += source->skip(frame - next);
    auto found = next == frame ? source->next() : std::nullopt;
    if (!found) throw UsageError(fmt::format("expected a frame of the source, got frame {}", frame));
    ++next;
    last = {frame, found->rgb};
    return found->rgb;
  }
};

SourceView::SourceView() : impl_(std::make_unique<Impl>()) {}
SourceView::~SourceView() = default;

media::VideoInfo SourceView::info(const job::Job& job) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->facts.of(job).info;
}

at::Tensor SourceView::frame(const job::Job& job, std::int64_t frame, int longest_side) {
  const std::lock_guard lock(impl_->mutex);
  auto& view = *impl_;
  // A source of pure feedback has a picture only at the frame at which it was opened.
  const bool is_feedback = job.input.noise || job.input.duration;
  const std::string key =
      source_key(job) + std::to_string(longest_side) + (is_feedback ? fmt::format(" from {}", frame) : "");
  const bool is_there = view.last && view.last->first == frame;
  if (key != view.key || (frame < view.next && !is_there)) {
    view.key.clear();  // in case opening fails
    view.open(job, frame, longest_side);
    view.key = key;
  }
  try {
    const at::Tensor picture = view.read(frame);
    if (!picture.defined()) throw UsageError(fmt::format("frame {} has no picture of its own", frame));
    return picture;
  } catch (...) {
    view.key.clear();
    throw;
  }
}

struct DreamView::Impl {
  FactsOfSources facts;
  model::NetworkShelf shelf;
  std::string key;  // of `frame`
  std::optional<render::OneFrame> frame;

  const render::OneFrame& read(const job::Job& job, std::int64_t index, const schedule::Loop& loop) {
    const std::string wanted = source_key(job) + std::to_string(index);
    if (wanted == key && frame) return *frame;
    key.clear();
    frame = render::read_frame(job, index, loop);
    key = wanted;
    return *frame;
  }
};

DreamView::DreamView() : impl_(std::make_unique<Impl>()) {}
DreamView::~DreamView() = default;

at::Tensor DreamView::dream(const job::Job& job, std::int64_t frame, int longest_side,
                            const DreamObserver& observer, const std::atomic<bool>& stop) {
  const auto stop_if_asked = [&stop] {
    if (stop) throw Interrupted("the look at a frame was interrupted");
  };
  return image::with_torch_errors([&] {
    const Facts facts = impl_->facts.of(job);
    const auto size = view_size(facts.info.width, facts.info.height, longest_side);
    const job::Job looked_at =
        job::smaller(job, facts.info.width, facts.info.height, size.width, size.height);
    stop_if_asked();
    const render::OneFrame& source = impl_->read(looked_at, frame, facts.loop);
    stop_if_asked();
    model::ObjectiveSet objectives(looked_at, impl_->shelf);
    stop_if_asked();
    const curve::CurveTime start{source.frame.seconds, source.info.frame_rate.value()};
    const auto options = carry::ascent_options(looked_at, objectives.at(start, {}), start, false, false);
    const int octaves =
        dream::usable_octaves(objectives.networks(), source.info.height, source.info.width, options);
    const auto report = [&](const dream::StepReport& step) {
      stop_if_asked();
      if (observer)
        observer({*step.picture, octaves - step.octave, octaves, step.iteration + 1, options.iterations});
    };
    return render::dream_frame(looked_at, objectives, source, report);
  });
}

std::vector<std::string> DreamView::dream_loop(const job::Job& job, std::int64_t frame, std::int64_t count,
                                               int longest_side,
                                               const std::function<void(std::int64_t)>& observer,
                                               const std::atomic<bool>& stop) {
  constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of a picture
  return image::with_torch_errors([&] {
    const Facts facts = impl_->facts.of(job);
    const auto size = view_size(facts.info.width, facts.info.height, longest_side);
    job::Job small = job::smaller(job, facts.info.width, facts.info.height, size.width, size.height);
    const TemporaryFolder folder("dreamreel-loop");
    small.more_outputs.clear();
    small.output.path = folder / "%06d.jpg";
    small.output.codec = "";
    small.output.codec_options.clear();
    small.output.pixel_format = "yuvj444p";
    small.output.metadata = job::Output::Metadata::none;
    small.output.first_number = 0;
    FramesDone progress(observer);
    render::RenderOptions options;
    options.stop = &stop;
    options.progress = &progress;
    options.frames = {frame, frame + count};
    if (facts.info.is_still && !job.input.duration) options.frames = {0, 1};
    if (facts.info.frame_count) {  // an estimate will do
      options.frames.end = std::min(frame + count, *facts.info.frame_count);
      options.frames.begin = std::max<std::int64_t>(0, std::min(frame, *options.frames.end - count));
    }
    const auto objectives = std::make_shared<model::ObjectiveSet>(small, impl_->shelf);
    render::render_shot(small, objectives, facts.loop, options);
    std::vector<std::string> pictures;
    for (const auto& [number, file] : pictures_of_sequence(small.output))
      pictures.push_back(read_whole(file, kMostBytes));
    return pictures;
  });
}

}  // namespace dreamreel::study
