#include "dreamreel/render/work_folder.h"

#include <cstdio>
#include <set>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/media/frame_store.h"

namespace dreamreel::render {
namespace fs = std::filesystem;
namespace {

std::string six_digits(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06lld", static_cast<long long>(number));
  return text;
}

std::string frame_label(const Plan& plan, std::int64_t index, const char* what) {
  return "dreamreel " + plan.id() + " frame " + std::to_string(index) + " " + what;
}

fs::path output_of(const fs::path& frame) {
  return fs::path(frame).replace_extension(".out.png");
}

void store_tensor(const fs::path& path, const at::Tensor& picture, const std::string& label,
                  const std::string& note = {}) {
  media::store_frame(
      path,
      {static_cast<int>(picture.size(2)), static_cast<int>(picture.size(1)), image::to_rgb48(picture), note},
      label);
}

struct Loaded {
  at::Tensor picture;
  std::string note;
};

std::optional<Loaded> load_tensor(const fs::path& path, const std::string& label) {
  const auto stored = media::load_frame(path, label);
  if (!stored) return {};
  return Loaded{image::from_rgb48(stored->rgb.data(), stored->height, stored->width), stored->note};
}

}  // namespace

fs::path work_folder_beside(const fs::path& output) {
  return output.string() + ".work";
}

fs::path WorkFolder::part(const Segment& segment) const {
  return root_ / "parts" / (six_digits(segment.begin) + ".seg");
}

fs::path WorkFolder::frame(std::int64_t index) const {
  return root_ / "frames" / (six_digits(index) + ".png");
}

fs::path WorkFolder::chunk_lock(std::size_t chunk) const {
  return root_ / ("chunk-" + std::to_string(chunk) + ".lock");
}

std::string WorkFolder::label(const Plan& plan, const Segment& segment) {
  return "plan " + plan.id() + " frames " + std::to_string(segment.begin) + ".." +
         std::to_string(segment.end);
}

void WorkFolder::store(const Plan& plan, std::int64_t index, const at::Tensor& dreamed,
                       const at::Tensor& output, const std::string& note) const {
  // The picture first: a frame counts as stored once the dream is there.
  if (!output.is_same(dreamed))
    store_tensor(output_of(frame(index)), output, frame_label(plan, index, "output"));
  store_tensor(frame(index), dreamed,
               frame_label(plan, index, output.is_same(dreamed) ? "alone" : "with its output"), note);
}

std::optional<WorkFolder::Stored> WorkFolder::load(const Plan& plan, std::int64_t index) const {
  if (const auto alone = load_tensor(frame(index), frame_label(plan, index, "alone")))
    return Stored{alone->picture, alone->picture, alone->note};
  const auto dreamed = load_tensor(frame(index), frame_label(plan, index, "with its output"));
  if (!dreamed) return {};
  const auto output = load_tensor(output_of(frame(index)), frame_label(plan, index, "output"));
  if (!output) return {};
  return Stored{dreamed->picture, output->picture, dreamed->note};
}

void WorkFolder::forget(std::int64_t begin, std::int64_t end) const {
  std::error_code ignored;
  for (std::int64_t index = begin; index < end; ++index) {
    fs::remove(frame(index), ignored);
    fs::remove(output_of(frame(index)), ignored);
  }
}

void WorkFolder::forget_piece(const Plan& plan, const Piece& piece) const {
  std::error_code ignored;
  for (const auto& segment : segments_of(plan, piece)) fs::remove(part(segment), ignored);
  forget(piece.begin, piece.end);
}

void WorkFolder::remove_leftovers(const Plan& plan, const std::vector<Piece>& pieces) const {
  std::set<std::string> names;
  if (plan.chunks.empty())  // else other processes may be storing the run-in
    for (const auto& shot : plan.run_in)
      for (std::int64_t index = shot.begin; index < shot.end; ++index)
        names.insert(frame(index).filename().string());
  for (const auto& piece : pieces) {
    for (const auto& segment : segments_of(plan, piece)) names.insert(part(segment).filename().string());
    for (std::int64_t index = piece.begin; index < piece.end; ++index) {
      names.insert(frame(index).filename().string());
      names.insert(output_of(frame(index)).filename().string());
    }
  }
  std::error_code error;
  for (const char* const folder : {"parts", "frames"})
    for (const auto& entry : fs::directory_iterator(root_ / folder, error)) {
      std::error_code ignored;
      if (names.contains(final_name_of_leftover(entry.path().filename().string())))
        fs::remove(entry.path(), ignored);
    }
}

void WorkFolder::clear() const {
  std::error_code ignored;
  fs::remove_all(root_ / "parts", ignored);
  fs::remove_all(root_ / "frames", ignored);
  fs::remove(plan(), ignored);
}

void WorkFolder::remove() const {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

}  // namespace dreamreel::render
