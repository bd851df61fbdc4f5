#include "dreamreel/work/rendered.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "dreamreel/media/frame_store.h"
#include "dreamreel/media/parts.h"

namespace dreamreel::work {
namespace {

namespace fs = std::filesystem;

// Takes a number off the front of a text.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "key K frames 0..120", as WorkFolder::label() writes it.
std::optional<schedule::Segment> segment_in(std::string_view label) {
  constexpr std::string_view kFrames = " frames ", kTo = "..";
  const auto at = label.find(kFrames);
  if (!label.starts_with("key ") || at == std::string_view::npos) return {};
  label.remove_prefix(at + kFrames.size());
  const auto begin = take_number(label);
  if (!begin || !label.starts_with(kTo)) return {};
  label.remove_prefix(kTo.size());
  const auto end = take_number(label);
  if (!end || *begin < 0 || *end <= *begin) return {};
  return schedule::Segment{*begin, *end};
}

// The frame of "000126.png"; nullopt for "000126.out.png" and all other names.
std::optional<std::int64_t> frame_in(const std::string& name) {
  std::string_view rest = name;
  const auto frame = take_number(rest);
  return frame && *frame >= 0 && rest == ".png" ? frame : std::nullopt;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    std::error_code unknown;
    if (at->symlink_status(unknown).type() == fs::file_type::regular) files.push_back(at->path());
  }
  return files;
}

}  // namespace

const schedule::Segment* Rendered::part_with(std::int64_t frame) const {
  const auto after = std::ranges::upper_bound(parts, frame, {}, &schedule::Segment::begin);
  if (after == parts.begin()) return nullptr;
  const auto& part = *std::prev(after);
  return frame < part.end ? &part : nullptr;
}

bool Rendered::has(std::int64_t frame) const {
  return part_with(frame) != nullptr || std::ranges::binary_search(frames, frame);
}

Rendered rendered_in(const WorkFolder& work) {
  Rendered found;
  for (const auto& file : files_in(work.root() / "parts")) {
    const auto label = media::label_of_part(file);
    const auto segment = label ? segment_in(*label) : std::nullopt;
    if (segment && work.part(*segment) == file) found.parts.push_back(*segment);
  }
  for (const auto& file : files_in(work.root() / "frames"))
    if (const auto frame = frame_in(file.filename().string());
        frame && media::is_stored_frame(file, "dreamreel key "))
      found.frames.push_back(*frame);
  std::ranges::sort(found.parts, {}, &schedule::Segment::begin);
  std::ranges::sort(found.frames);
  return found;
}

fs::path shown_picture(const WorkFolder& work, std::int64_t frame) {
  const fs::path dreamed = work.frame(frame);
  fs::path shown = dreamed;
  shown.replace_extension(".out.png");
  std::error_code unknown;
  return fs::is_regular_file(fs::symlink_status(shown, unknown)) ? shown : dreamed;
}

}  // namespace dreamreel::work
