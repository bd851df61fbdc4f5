#include "dreamreel/study/mask_view.h"

#include <mutex>
#include <optional>
#include <string>

#include "dreamreel/core/blob_cache.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/draft.h"
#include "dreamreel/masking/masks.h"
#include "dreamreel/render/one_frame.h"
#include "dreamreel/study/frame_view.h"
#include "source_facts.h"

namespace dreamreel::study {
namespace {

// A mask needs nothing of what is dreamed. So an unfinished or expensive dream does not hold the mask up.
job::Job without_dream(job::Job job) {
  job::Dream dream;
  dream.parameterization = job.dream.parameterization;  // source_key() reads it
  dream.mask = job.dream.mask;
  job.dream = std::move(dream);
  job.camera = {};
  job.colour = {};
  return job;
}

}  // namespace

struct MaskView::Impl {
  std::mutex mutex;
  FactsOfSources facts;
  std::string frame_key;
  std::optional<render::OneFrame> frame;
  std::string masks_key;
  std::optional<job::Job> job;  // of `masks`, which may refer to it
  std::optional<masking::Masks> masks;

  const render::OneFrame& read(const job::Job& wanted, std::int64_t index, const schedule::Loop& loop) {
    const std::string key = source_key(wanted) + std::to_string(index);
    if (key == frame_key && frame) return *frame;
    frame_key.clear();
    frame = render::read_frame(wanted, index, loop);
    frame_key = key;
    return *frame;
  }

  masking::Masks& masks_of(const job::Job& wanted, const media::VideoInfo& info) {
    const auto& mask = wanted.dream.mask;
    const std::string file = mask && !mask->path.empty() ? facts_of_file(mask->path) : "";
    const std::string key = job::to_yaml(wanted) + source_key(wanted) + file;
    if (key == masks_key && masks) return *masks;
    masks_key.clear();
    masks.reset();
    job = wanted;
    masks.emplace(*job, info);
    masks_key = key;
    return *masks;
  }
};

MaskView::MaskView() : impl_(std::make_unique<Impl>()) {}
MaskView::~MaskView() = default;

at::Tensor MaskView::mask(const job::Job& job, std::int64_t frame, int longest_side) {
  if (!job.dream.mask) return {};
  const std::lock_guard lock(impl_->mutex);
  return image::with_torch_errors([&] {
    const Facts facts = impl_->facts.of(job);
    const auto size = view_size(facts.info.width, facts.info.height, longest_side);
    const job::Job wanted =
        job::smaller(without_dream(job), facts.info.width, facts.info.height, size.width, size.height);
    const render::OneFrame& source = impl_->read(wanted, frame, facts.loop);
    const footage::Timeline timeline(wanted, source.info);
    try {
      return impl_->masks_of(wanted, source.info).of_dream(source.frame, timeline.at(source.frame));
    } catch (...) {
      impl_->masks_key.clear();  // a reader that has failed is not used again
      throw;
    }
  });
}

}  // namespace dreamreel::study
