#include "rendered_view.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/media/part_frames.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/render/forecast.h"
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
std::string version_of(const fs::path& file) {
  std::error_code failed;
  const auto changed = fs::last_write_time(file, failed);
  return failed ? "" : file.string() + " " + std::to_string(changed.time_since_epoch().count()) + " ";
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

nlohmann::json ranges_of(const render::Forecast& ahead, const work::Rendered& stored) {
  Ranges ranges;
  auto made = ahead.rendered.begin();
  for (std::int64_t frame = ahead.frames.begin; frame < ahead.frames.end; ++frame) {
    while (made != ahead.rendered.end() && made->end <= frame) ++made;
    const bool is_made = made != ahead.rendered.end() && made->begin <= frame;
    ranges.add(frame, !is_made ? "kept" : stored.has(frame) ? "stale" : "missing");
  }
  return ranges.all();
}

std::int64_t count_of(const std::vector<schedule::Segment>& segments) {
  std::int64_t count = 0;
  for (const auto& segment : segments) count += segment.end - segment.begin;
  return count;
}

// Of a film whose work folder is gone: nothing would be kept, but where it was made by this very job, a
// render would make the same again.
nlohmann::json ranges_of_film(const job::Job& job) {
  auto ranges = nlohmann::json::array();
  if (!is_file(job.output.path)) return ranges;
  try {
    const bool is_same = study::embedded_job(job.output.path) == job::to_yaml(job);
    media::ReaderOptions options;
    options.path = job.output.path;
    const media::Reader reader(options);
    const std::int64_t count = reader.info().is_still ? 1 : reader.info().frame_count.value_or(0);
    if (count > 0) ranges.push_back({{"begin", 0}, {"end", count}, {"state", is_same ? "kept" : "stale"}});
  } catch (const Error&) {  // it is no film of dreamreel's
  }
  return ranges;
}

}  // namespace

nlohmann::json rendered_state(const job::Job& job, const std::optional<double>& seconds_per_frame) {
  nlohmann::json state{{"ranges", nlohmann::json::array()},
                       {"lines", nlohmann::json::array()},
                       {"frames_to_render", nullptr},
                       {"seconds", nullptr}};
  const auto ahead = render::forecast(job, {});
  if (!ahead) {
    state["ranges"] = ranges_of_film(job);
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
  const std::string key =
      version_of(work.root()) + version_of(work.root() / "parts") + version_of(work.root() / "frames");
  if (key.empty() || key != stored_key_) stored_ = work::rendered_in(work);
  stored_key_ = key;
  return stored_;
}

std::optional<RenderedView::Place> RenderedView::find(const job::Job& job, std::int64_t frame) {
  const work::WorkFolder work = work_of(job);
  const work::Rendered& stored = stored_in(work);
  const auto* const part = stored.part_with(frame);
  if (part != nullptr && media::parts_hold_frames(job.output.path))
    return Place{work.part(*part), part->begin, true};
  if (std::ranges::binary_search(stored.frames, frame))
    return Place{work::shown_picture(work, frame), frame, false};
  for (const auto& [number, picture] : study::pictures_of_sequence(job.output.path))
    if (number == frame) return Place{picture, frame, false};
  if (is_file(job.output.path)) return Place{job.output.path, 0, false};
  return {};
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
  const std::string key = version_of(place.file) + std::to_string(longest_side);
  const auto name_of = [&](std::int64_t index) { return key + " " + std::to_string(index); };
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

std::optional<std::string> RenderedView::picture(const job::Job& job, std::int64_t frame, int longest_side) {
  const std::lock_guard lock(mutex_);
  const auto place = find(job, frame);
  if (!place) return {};
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
