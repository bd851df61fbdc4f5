#include "dreamreel/work/rendered.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "dreamreel/core/error.h"
#include "dreamreel/core/list_folder.h"
#include "dreamreel/media/frame_store.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/work/stored_parts.h"
#include "frame_label.h"

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

// As many as can be listed, because a render may be changing the folder.
std::vector<fs::path> files_found_in(const fs::path& folder) {
  std::error_code ignored;
  return list_files(folder, ignored);
}

// nullopt where there is none, or none that can be read.
std::optional<schedule::Plan> plan_of(const WorkFolder& work) {
  std::error_code unknown;
  if (!fs::is_regular_file(work.plan(), unknown)) return {};
  try {
    return schedule::read_plan(work.plan());
  } catch (const Error&) {
    return {};
  }
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

const schedule::Segment* Rendered::part_showing(std::int64_t frame) const {
  const auto* const part = part_with(frame);
  if (part == nullptr || std::ranges::binary_search(current, part->begin)) return part;
  return std::ranges::binary_search(frames, frame) ? nullptr : part;
}

Rendered rendered_in(const WorkFolder& work) {
  Rendered found;
  const auto plan = plan_of(work);
  if (plan) found.first = plan->begin();
  for (const auto& file : files_found_in(work.root() / "parts")) {
    const auto label = media::label_of_part(file);
    const auto segment = label ? segment_in(*label) : std::nullopt;
    if (!segment || work.part(*segment) != file) continue;
    found.parts.push_back(*segment);
    if (plan && has_label(*plan, *segment, work)) found.current.push_back(segment->begin);
  }
  for (const auto& file : files_found_in(work.root() / "frames"))
    if (const auto frame = frame_in(file.filename().string());
        frame && media::is_stored_frame(file, "dreamreel key "))
      found.frames.push_back(*frame);
  std::ranges::sort(found.parts, {}, &schedule::Segment::begin);
  std::ranges::sort(found.current);
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

bool shows(const WorkFolder& work, const schedule::FrameKey& key, std::int64_t frame) {
  const fs::path shown = shown_picture(work, frame);
  const bool is_dream = shown == work.frame(frame);
  return is_dream == key.is_plain &&
         media::is_stored_frame(shown, is_dream ? frame_label(key.dream, frame, "dream")
                                                : frame_label(key.shown, frame, "output"));
}

}  // namespace dreamreel::work
