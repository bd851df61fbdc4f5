#include "dreamreel/study/shot_view.h"

#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include "dreamreel/core/blob_cache.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/files.h"
#include "dreamreel/study/frame_view.h"
#include "source_facts.h"

namespace dreamreel::study {
namespace {

// Everything that the shots of a job depend on. Cuts may follow the sound or a series.
std::string shots_key(const job::Job& job) {
  job::Job only;
  only.audio = job.audio;
  only.series = job.series;
  std::string key = source_key(job) + job::to_yaml(only);
  job::Job named = job;
  for (const auto& [name, path] : job::list_files(named)) key += facts_of_file(*path);
  return key;
}

}  // namespace

struct ShotView::Impl {
  static constexpr std::size_t kMost = 8;
  std::mutex mutex;
  FactsOfSources facts;
  std::deque<std::pair<std::string, ShotList>> kept;
  SourceView pictures;
};

ShotView::ShotView() : impl_(std::make_unique<Impl>()) {}
ShotView::~ShotView() = default;

ShotList ShotView::shots(const job::Job& job, const std::atomic<bool>& stop) {
  const std::lock_guard lock(impl_->mutex);
  const std::string key = shots_key(job);
  for (const auto& [known, list] : impl_->kept)
    if (known == key) return list;
  return image::with_torch_errors([&] {
    const Facts known = impl_->facts.of(job);
    const auto source =
        footage::open_source_in_background(job, 0, &stop, known.loop, footage::kThumbnailSide);
    auto pass = footage::find_shots(*source, job, {}, &stop, nullptr);
    constexpr std::size_t kDigits = 16;
    ShotList list{std::move(pass.shots), sha256_hex(source_key(job)).substr(0, kDigits)};
    if (impl_->kept.size() == Impl::kMost) impl_->kept.pop_back();
    impl_->kept.emplace_front(key, std::move(list));
    return impl_->kept.front().second;
  });
}

at::Tensor ShotView::picture(const job::Job& job, std::int64_t frame, int longest_side) {
  return impl_->pictures.frame(job, frame, longest_side);
}

}  // namespace dreamreel::study
