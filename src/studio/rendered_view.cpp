#include "rendered_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/part_frames.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/prepare/forecast.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/study/finished_files.h"
#include "dreamreel/study/picture_bytes.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

// A playhead that is dragged backwards finds this many frames before the wanted one in the cache.
constexpr std::int64_t kBehind = 12;

work::WorkFolder work_of(const job::Job& job) {
  return work::WorkFolder(work::work_folder_beside(job.output.path));
}

// Tells one state of a file from another; "" where there is none.
std::string state_of(const fs::path& file) {
  std::error_code failed;
  const auto changed = fs::last_write_time(file, failed);
  return failed ? "" : fmt::format("{} {} ", file.string(), changed.time_since_epoch().count());
}

bool is_file(const fs::path& path) {
  std::error_code unknown;
  return fs::is_regular_file(path, unknown);
}

// Adds a frame to the last range, or begins another.
class Ranges {
 public:
  void add(std::int64_t frame, const char* state) {
    if (!all_.empty() && all_.back()["state"] == state && all_.back()["end"] == frame)
      all_.back()["end"] = frame + 1;
    else
      all_.push_back({{"begin", frame}, {"end", frame + 1}, {"state", state}});
  }
  const nlohmann::json& all() const { return all_; }

 private:
  nlohmann::json all_ = nlohmann::json::array();
};

bool is_in(const std::vector<schedule::Segment>& segments, std::int64_t frame) {
  const auto after = std::ranges::upper_bound(segments, frame, {}, &schedule::Segment::begin);
  return after != segments.begin() && frame < std::prev(after)->end;
}

// A frame is stale if a render would give it another picture, even if its dream itself would be kept.
nlohmann::json ranges_of(const prepare::Forecast& ahead, const work::Rendered& stored) {
  Ranges ranges;
  auto made = ahead.rendered.begin();
  for (std::int64_t frame = ahead.frames.begin; frame < ahead.frames.end; ++frame) {
    while (made != ahead.rendered.end() && made->end <= frame) ++made;
    const bool is_made = made != ahead.rendered.end() && made->begin <= frame;
    const bool is_kept = !is_made && !is_in(ahead.shown_anew, frame);
    ranges.add(frame, is_kept ? "kept" : stored.has(frame) ? "stale" : "missing");
  }
  return ranges.all();
}

std::int64_t count_of(const std::vector<schedule::Segment>& segments) {
  std::int64_t count = 0;
  for (const auto& segment : segments) count += segment.end - segment.begin;
  return count;
}

// 0 where the number is unknown.
std::int64_t frames_of_film(const fs::path& film) {
  media::ReaderOptions options;
  options.path = film;
  const media::Reader reader(options);
  return reader.info().is_still ? 1 : reader.info().frame_count.value_or(0);
}

// Of a film whose work folder is gone: nothing would be kept, but where it was made by this very job, a
// render would make the same again. An excerpt, and a film that does not hold its job, are unknown.
nlohmann::json ranges_of_film(const job::Job& job, const Lookout& lookout) {
  auto ranges = nlohmann::json::array();
  if (!is_file(job.output.path) || !lookout.may_read(job.output.path)) return ranges;
  try {
    const bool is_same = study::embedded_job(job.output.path) == job::to_yaml(job::with_output(job, 0));
    const std::int64_t count = frames_of_film(job.output.path);
    if (count > 0 && (!lookout.frames || count == *lookout.frames))
      ranges.push_back({{"begin", 0}, {"end", count}, {"state", is_same ? "kept" : "stale"}});
  } catch (const Error&) {  // it is no film of dreamreel's
  }
  return ranges;
}

}  // namespace

nlohmann::json rendered_state(const job::Job& job, const Lookout& lookout,
                              const std::optional<double>& seconds_per_frame, const std::atomic<bool>& stop) {
  nlohmann::json state{{"ranges", nlohmann::json::array()},
                       {"lines", nlohmann::json::array()},
                       {"frames_to_render", nullptr},
                       {"seconds", nullptr}};
  if (!lookout.may_read(work_of(job).root())) return state;
  const auto ahead = prepare::forecast(job, {}, &stop);
  if (!ahead) {
    state["ranges"] = ranges_of_film(job, lookout);
    return state;
  }
  const std::int64_t count = count_of(ahead->rendered);
  state["ranges"] = ranges_of(*ahead, work::rendered_in(work_of(job)));
  state["lines"] = ahead->lines;
  state["frames_to_render"] = count;
  if (seconds_per_frame) state["seconds"] = static_cast<double>(count) * *seconds_per_frame;
  return state;
}

const work::Rendered& RenderedView::stored_in(const work::WorkFolder& work) {
  const std::string key = state_of(work.root()) + state_of(work.plan()) + state_of(work.root() / "parts") +
                          state_of(work.root() / "frames");
  if (key.empty() || key != stored_key_) stored_ = work::rendered_in(work);
  stored_key_ = key;
  return stored_;
}

bool RenderedView::is_whole_film(const fs::path& film, const Lookout& lookout) {
  const std::string key = state_of(film);
  if (key != film_key_) film_frames_ = frames_of_film(film);
  film_key_ = key;
  return film_frames_ > 0 && (!lookout.frames || film_frames_ == *lookout.frames);
}

std::optional<RenderedView::Place> RenderedView::find(const job::Job& job, const Lookout& lookout,
                                                      std::int64_t frame) {
  const work::WorkFolder work = work_of(job);
  if (!lookout.may_read(work.root())) return {};
  const work::Rendered& stored = stored_in(work);
  const auto* const part = stored.part_showing(frame);
  if (part != nullptr && prepare::parts_hold_frames(job)) return Place{work.part(*part), part->begin, true};
  if (std::ranges::binary_search(stored.frames, frame))
    return Place{work::shown_picture(work, frame), frame, false};
  for (const auto& [number, picture] : study::pictures_of_sequence(job.output))
    if (number == frame) return Place{picture, frame, false};
  const auto& film = job.output.path;
  if (!is_file(film) || !lookout.may_read(film)) return {};
  if (stored.parts.empty() && !is_whole_film(film, lookout)) return {};
  return Place{film, stored.first, false};
}

RenderedView::Frames RenderedView::open(const Place& place, int longest_side) {
  Frames frames;
  frames.next = place.first;
  if (place.is_part) {
    const auto part = std::make_shared<media::PartFrames>(place.file, longest_side);
    frames.read = [part] { return part->next(); };
    frames.skip = [part](std::int64_t count) {
      std::int64_t skipped = 0;
      while (skipped < count && part->skip()) ++skipped;
      return skipped;
    };
    return frames;
  }
  media::ReaderOptions options;
  options.path = place.file;
  options.longest_side = longest_side;
  options.index = true;
  const auto reader = std::make_shared<media::Reader>(options);
  frames.read = [reader]() -> std::optional<at::Tensor> {
    auto frame = reader->next();
    if (!frame) return {};
    return std::move(frame->rgb);
  };
  frames.skip = [reader](std::int64_t count) { return reader->skip(count); };
  return frames;
}

std::optional<std::string> RenderedView::read(const Place& place, std::int64_t frame, int longest_side) {
  const std::string key = state_of(place.file) + std::to_string(longest_side);
  const auto name_of = [&](std::int64_t index) { return fmt::format("{} {}", key, index); };
  if (auto known = pictures_.find(name_of(frame))) return known;
  const bool is_open = open_ && open_->key == key;
  const bool goes_back = is_open && frame < open_->next;
  if (!is_open || goes_back) {
    open_.reset();
    open_ = open(place, longest_side);
    open_->key = key;
  }
  const std::int64_t from = goes_back ? std::max(place.first, frame - kBehind) : frame;
  if (open_->next < from) open_->next += open_->skip(from - open_->next);
  std::optional<std::string> jpeg;
  while (open_->next <= frame) {
    const auto picture = open_->read();
    if (!picture) return {};
    jpeg = study::jpeg_of(*picture);
    pictures_.keep(name_of(open_->next++), *jpeg);
  }
  return jpeg;
}

std::optional<std::string> RenderedView::picture(const job::Job& job, const Lookout& lookout,
                                                 std::int64_t frame, int longest_side) {
  const std::lock_guard lock(mutex_);
  const auto place = find(job, lookout, frame);
  if (!place || frame < place->first || !lookout.may_read(place->file)) return {};
  try {
    auto found = read(*place, frame, longest_side);
    if (!found) open_.reset();
    return found;
  } catch (...) {
    open_.reset();
    throw;
  }
}

}  // namespace dreamreel::studio
