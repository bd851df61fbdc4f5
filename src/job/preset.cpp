#include "preset.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "dreamreel/core/number_pattern.h"
#include "dreamreel/core/suggest.h"
#include "outputs.h"

namespace dreamreel::job {
namespace {

constexpr const char* kKey = "preset";

struct Preset {
  const char* name;
  const char* ending;  // of the output; one of pictures makes the output numbered
  std::array<std::pair<const char*, const char*>, 4> settings;  // keys of output.video; "" for none
};

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all{
      {"web", ".mp4", {{{"codec", "libx264"}, {"pixel_format", "yuv420p"}, {"options.crf", "18"}}}},
      {"prores_hq",
       ".mov",
       {{{"codec", "prores_ks"}, {"pixel_format", "yuv422p10le"}, {"options.profile", "hq"}}}},
      {"prores_4444",
       ".mov",
       {{{"codec", "prores_ks"}, {"pixel_format", "yuv444p10le/yuva444p10le"}, {"options.profile", "4444"}}}},
      {"gif", ".gif", {{{"codec", "gif"}}}},
      {"png16", ".png", {{{"codec", "png"}, {"pixel_format", "rgb48be/rgba64be"}}}},
      {"exr", ".exr", {{{"codec", "exr"}, {"options.format", "half"}, {"options.compression", "zip16"}}}},
      {"archive",
       ".mkv",
       {{{"codec", "ffv1"},
         {"pixel_format", "gbrp16le/gbrap16le"},
         {"options.level", "3"},
         {"options.slicecrc", "1"}}}},
  };
  return all;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& preset : presets()) names.emplace_back(preset.name);
  return names;
}

std::string expected_preset() {
  std::string text;
  const auto names = preset_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return text;
}

Value& child(Value& map, const std::string& key, const Place& place) {
  if (!map.is_map()) {
    map = Value();
    map.kind = Value::Kind::map;
    map.place = place;
  }
  if (Value* const found = map.find(key)) return *found;
  Value nothing;
  nothing.place = place;
  return map.entries.emplace_back(Value::Entry{key, place, std::move(nothing)}).value;
}

void set_unless_younger(Value& video, const std::string& key, const std::string& text, const Place& place) {
  const auto dot = key.find('.');
  Value& map = dot == std::string::npos ? video : child(video, key.substr(0, dot), place);
  Value& value = child(map, dot == std::string::npos ? key : key.substr(dot + 1), place);
  if (!value.is_null() && age(value.place) <= age(place)) return;
  value = Value::scalar(text);
  value.place = place;
}

// As an output, a GIF is a film.
bool is_film(const std::filesystem::path& path) {
  return ending_of(path) == ".gif";
}

// "x.mp4" becomes "x_%06d.png", because a film of pictures is numbered; a picture stays one. Numbered
// pictures become one film: "x_%06d.png" becomes "x.mp4".
void change_ending(Value& path, const Preset& preset) {
  const std::filesystem::path old = path.text;
  if (old.extension() == preset.ending) return;
  const bool is_numbered = parse_numbered_name(old.filename().string()).has_value();
  const std::filesystem::path example = std::string("x") + preset.ending;
  const bool becomes_pictures = has_picture_ending(example) && !is_film(example);
  std::string name = old.stem().string();
  if (becomes_pictures && !is_numbered && (!has_picture_ending(old) || is_film(old))) name += "_%06d";
  if (!becomes_pictures && is_numbered) {
    const auto folder = path.place.source ? path.place.source->folder : std::filesystem::path();
    name = name_without_number(folder / with_home(path.text));
  }
  path.text = (old.parent_path() / (name + preset.ending)).string();
}

// A preset has to know whether the path is numbered. So "####" is read before it.
void read_number_signs(Value& output) {
  Value* const path = output.find("path");
  if (path == nullptr || !path->is_scalar()) return;
  const auto folder = path->place.source ? path->place.source->folder : std::filesystem::path();
  const auto name = with_printf_number(folder / with_home(path->text)).filename();
  const std::filesystem::path old = path->text;
  if (name != old.filename()) path->text = (old.parent_path() / name).string();
}

}  // namespace

Row<Output> preset_row() {
  auto row = custom<Output>(
      {kKey, expected_preset(), "", "",
       "The encoder and its settings for what people deliver; see [deliveries](#deliveries)."},
      [](const Site& site, Output&) { site.problem("expected none in a resolved job"); },
      [](const Output&) { return Value{}; });
  row.info.shape.kind = KeyShape::Kind::choice;
  row.info.shape.words = preset_names();
  return row;
}

namespace {

// `key` is the path of the output in the job.
void expand_one(Value& output, const std::string& key, Problems& problems) {
  read_number_signs(output);
  const Value* const named = output.find(kKey);
  if (named == nullptr) return;
  const Value value = *named;
  std::erase_if(output.entries, [](const auto& entry) { return entry.key == kKey; });
  if (value.is_null()) return;
  const auto preset = std::ranges::find_if(
      presets(), [&](const Preset& one) { return value.is_scalar() && value.text == one.name; });
  if (preset == presets().end()) {
    const std::string hint = value.is_scalar() ? did_you_mean(value.text, preset_names()) : "";
    problems.add(value.place, join_path(key, kKey),
                 fmt::format("expected {}, got {}{}", expected_preset(), describe(value), hint));
    return;
  }
  Value& video = child(output, "video", value.place);
  for (const auto& [setting, text] : preset->settings)
    if (setting != nullptr) set_unless_younger(video, setting, text, value.place);
  Value* const path = output.find("path");
  if (path == nullptr || !path->is_scalar() || age(path->place) <= age(value.place)) return;
  change_ending(*path, *preset);
}

}  // namespace

void expand_preset(Value& root, Problems& problems) {
  Value* const outputs = root.find(kOutputs);
  if (!lists_outputs(root)) {  // beside a list, a preset is a mistake that is told under its own name
    if (Value* const output = root.find(kOutput)) expand_one(*output, kOutput, problems);
    return;
  }
  for (std::size_t i = 0; i < outputs->items.size(); ++i)
    expand_one(outputs->items[i], join_path(kOutputs, std::to_string(i)), problems);
}

}  // namespace dreamreel::job
