#include "mask_schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace dreamreel::job {
namespace {

using From = Mask::From;
using Channel = Mask::Channel;

constexpr double kLargestFeather = 4096;  // px
constexpr int kMostWindows = 8;           // at least 64 passes a frame
constexpr double kClassFrom = 0.3, kClassSoftness = 0.2;
// Widths of the frame per second. A person who walks through a room moves at 0.1 and more; noise of a camera
// reaches 0.01.
constexpr double kMotionFrom = 0.04, kMotionSoftness = 0.02;

struct ColourType {
  std::string name() const { return "a colour such as \"#00b140\""; }
  KeyShape shape() const { return {KeyShape::Kind::text}; }

  std::optional<std::array<double, 3>> read(const Site& site) const {
    const std::string& text = site.value.text;
    std::uint32_t code = 0;
    const char* const end = text.data() + text.size();
    const bool good = site.value.is_scalar() && text.size() == 7 && text[0] == '#';
    const auto parsed = good ? std::from_chars(text.data() + 1, end, code, 16) : std::from_chars_result{};
    if (good && parsed.ec == std::errc{} && parsed.ptr == end)
      return std::array{(code >> 16) / 255.0, (code >> 8 & 255) / 255.0, (code & 255) / 255.0};
    site.expected(name());
    return {};
  }

  Value write(const std::array<double, 3>& colour) const {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "#";
    for (const double part : colour) {
      const auto level = static_cast<std::size_t>(std::lround(part * 255));
      text += kDigits[level / 16];
      text += kDigits[level % 16];
    }
    return Value::scalar(text);
  }
};

// [low, high]; written only if the mask has a range.
Row<Mask> range_row() {
  const CurveType type{{0, 1}};
  const std::string what = "[low, high], each " + type.name();
  Row<Mask> row;
  row.info = {"range", what, "", "",
              "The mask is 1 where the source's luma lies in it. With `from: person` or `from: class`, the "
              "network's probability. With `from: motion`, the speed in widths of the frame per second; a "
              "speed above 1 counts as 1."};
  row.read = [=](const Site& site, Mask& mask) {
    if (!site.value.is_list() || site.value.items.size() != 2) return site.expected(what);
    const auto low = type.read(site.at("0", site.value.items[0]));
    const auto high = type.read(site.at("1", site.value.items[1]));
    if (!low || !high) return;
    mask.has_range = true;
    mask.low = *low;
    mask.high = *high;
    if (low->is_constant() && high->is_constant() && low->min() > high->min())
      site.problem(fmt::format("expected a low of at most the high, got [{}, {}]", to_text(low->min()),
                               to_text(high->min())));
  };
  row.write = [=](const Mask& mask) {
    Value list;
    if (!mask.has_range) return list;
    list.kind = Value::Kind::list;
    list.flow = true;
    list.items = {type.write(mask.low), type.write(mask.high)};
    return list;
  };
  row.curves = [type](const Mask& mask, const std::string& path, std::vector<NamedCurve>& found) {
    found.push_back(named_curve(join_path(path, "0"), mask.low, type.range));
    found.push_back(named_curve(join_path(path, "1"), mask.high, type.range));
  };
  return row;
}

// Writes a key only for the masks that it belongs to, so that a resolved job has no foreign keys.
Row<Mask> only_if(bool (*belongs)(const Mask&), Row<Mask> row) {
  row.write = [belongs, write = std::move(row.write)](const Mask& mask) {
    return belongs(mask) ? write(mask) : Value{};
  };
  return row;
}

bool is_of_file(const Mask& mask) {
  return mask.from == From::file;
}
bool is_chroma(const Mask& mask) {
  return mask.from == From::chroma;
}
bool is_motion(const Mask& mask) {
  return mask.from == From::motion;
}
bool is_class(const Mask& mask) {
  return mask.from == From::class_map;
}
bool is_of_network(const Mask& mask) {
  return mask.from == From::person || is_class(mask);
}
bool may_have_range(const Mask& mask) {
  return mask.from == From::luma || is_motion(mask) || is_of_network(mask);
}
bool has_softness(const Mask& mask) {
  return is_chroma(mask) || is_class(mask) || is_motion(mask) || mask.from == From::luma || mask.has_range;
}

Table<Mask> file_rows() {
  return {
      field<Mask>(
          "path", &Mask::path, PathType{}, "",
          "A picture, a video, or numbered frames (`masks/%06d.png`), white where the dream may be. Scaled "
          "to the frame. Its frames go with the source's one by one; a shorter one holds its last frame."),
      only_if(is_of_file,
              field<Mask>("channel", &Mask::channel,
                          ChoiceType<Channel>{{{"luma", Channel::luma}, {"alpha", Channel::alpha}}}, "",
                          "What of the file is the mask.")),
      only_if(is_of_file, field<Mask>("start", &Mask::start, TimeType{}, "",
                                      "Where the file's frames begin to go with the source's; left out, at "
                                      "`input.trim`, as for a mask made of the whole clip.")),
  };
}

Row<Mask> chroma_colour_row() {
  auto row =
      only_if(is_chroma, field<Mask>("colour", &Mask::colour, ColourType{}, "",
                                     "With `from: chroma`: the mask is 1 where the source has this hue."));
  row.info.default_text.clear();  // no default: a chroma key has to set it
  return row;
}

Table<Mask> source_rows() {
  return {
      field<Mask>(
          "from", &Mask::from,
          ChoiceType<From>{{{"alpha", From::alpha},
                            {"luma", From::luma},
                            {"chroma", From::chroma},
                            {"motion", From::motion},
                            {"person", From::person},
                            {"class", From::class_map}}},
          "",
          "In place of `path`: the source's own alpha, a key of its luma or chroma, where it moves, or where "
          "a network sees a person or another class."),
      range_row(),
      chroma_colour_row(),
      only_if(is_chroma, field<Mask>("tolerance", &Mask::tolerance, CurveType{{0, 1}}, "chroma",
                                     "With `from: chroma`: how far from the colour still counts as it.")),
      only_if(has_softness,
              field<Mask>("softness", &Mask::softness, CurveType{{0, 1}}, "luma, chroma, probability, speed",
                          "Of a key: how far outside `range` or `tolerance` the mask falls to 0.")),
      only_if(is_motion,
              field<Mask>("relative", &Mask::relative, BoolType{}, "",
                          "With `from: motion`: the speed counts against the dominant motion of the frame, "
                          "which is mostly the camera's.")),
  };
}

// Read by hand, because a class may be an index or a name.
Row<Mask> class_row() {
  return custom<Mask>(
      {"class", kClassWhat, "", "", "With `from: class`: which class; `dreamreel classes` lists them."},
      [](const Site& site, Mask& mask) { read_class(site, mask.class_index, mask.class_name); },
      [](const Mask& mask) {
        return is_class(mask) ? class_value(mask.class_index, mask.class_name) : Value{};
      });
}

Row<Mask> network_of_mask_row() {
  const std::string what = "a card name, a path ending in .onnx, or a name in `networks`";
  return custom<Mask>(
      {"network", what, "", "",
       "The network that sees it. Left out: of a person `selfie` or `meet`, of another class the first of "
       "the job's networks that knows it."},
      [=](const Site& site, Mask& mask) {
        if (!site.value.is_scalar()) return site.expected(what);
        mask.network = resolve_network(site.value.text, site);
      },
      [](const Mask& mask) {
        if (!mask.network) return Value{};
        return Value::scalar(mask.network->alias.empty() ? mask.network->name : mask.network->alias);
      });
}

Table<Mask> network_rows() {
  return {
      class_row(),
      network_of_mask_row(),
      only_if(is_of_network,
              field<Mask>(
                  "windows", &Mask::windows, SizeType{kMostWindows}, "along the longer side",
                  "The network looks at the whole frame, and above 1 also through that many windows, each "
                  "as large as the pictures that it was trained on: for persons far away.")),
  };
}

void check_belongs(const Site& site, const Mask& mask) {
  const auto refuse = [&](const char* key, bool belongs, const std::string& where) {
    const Value* const value = site.value.find(key);
    if (value != nullptr && !value->is_null() && !belongs)
      site.at(key, *value).problem(fmt::format("expected only {}; take it out", where));
  };
  refuse("channel", is_of_file(mask), "with a path");
  refuse("start", is_of_file(mask), "with a path");
  refuse("range", may_have_range(mask), "with from: luma, motion, person or class");
  refuse("colour", is_chroma(mask), "with from: chroma");
  refuse("tolerance", is_chroma(mask), "with from: chroma");
  refuse("softness", has_softness(mask), "with from: luma, chroma, motion or class, or with a range");
  refuse("relative", is_motion(mask), "with from: motion");
  refuse("class", is_class(mask), "with from: class");
  refuse("network", is_of_network(mask), "with from: person or from: class");
  refuse("windows", is_of_network(mask), "with from: person or from: class");
}

void check_has_a_source(const Value& mask, const std::string& path, Problems& problems) {
  if (!mask.is_map() || !says(mask, "from")) return;
  problems.add(mask.find("from")->place, join_path(path, "from"),
               "expected a mask with a path: input.noise has no picture to make one from");
}

// The picture of a still moves with the camera alone.
void check_moves(const Value& mask, const std::string& path, Problems& problems) {
  const Value* const from = mask.is_map() ? mask.find("from") : nullptr;
  if (from == nullptr || from->text != "motion") return;
  problems.add(from->place, join_path(path, "from"),
               "expected another mask than motion: input.duration makes a video of one picture, in which "
               "nothing moves");
}

void fill_range(const Site& site, Mask& mask, double low, double softness) {
  if (!says(site.value, "range")) {
    mask.has_range = true;
    mask.low = low;
  }
  if (!says(site.value, "softness")) mask.softness = softness;
}

}  // namespace

Table<Mask> mask_table(bool of_dream) {
  Table<Mask> table = file_rows();
  std::ranges::move(source_rows(), std::back_inserter(table));
  std::ranges::move(network_rows(), std::back_inserter(table));
  table.push_back(field<Mask>("invert", &Mask::invert, BoolType{}, "", "Dream where the mask is not."));
  table.push_back(field<Mask>("feather", &Mask::feather, CurveType{{0, kLargestFeather}}, "pixels",
                              "Width over which a hard edge fades from 0.95 to 0.05."));
  if (of_dream)
    table.push_back(
        field<Mask>("confine", &Mask::confine, BoolType{}, "",
                    "The dream grows only inside; else everywhere underneath, to be uncovered as the mask "
                    "moves."));
  return table;
}

void check_mask(const Site& site, const Mask& mask) {
  const bool path = says(site.value, "path"), from = says(site.value, "from");
  if (path == from)
    site.problem(
        std::string("expected either a path or from: alpha, luma, chroma, motion, person or class, got ") +
        (path ? "both" : "neither"));
  if (path != from) check_belongs(site, mask);
  if (mask.from == From::luma && !says(site.value, "range"))
    site.problem("expected a range for from: luma, such as range: [0.5, 1]");
  if (is_chroma(mask) && !says(site.value, "colour"))
    site.problem("expected a colour for from: chroma, such as colour: \"#00b140\"");
  if (is_class(mask) && !says(site.value, "class"))
    site.problem("expected a class for from: class, such as class: dog");
}

void fill_mask(const Site& site, Mask& mask) {
  if (mask.from == From::person) mask.class_name = "person";
  if (is_motion(mask)) fill_range(site, mask, kMotionFrom, kMotionSoftness);
  // A detector's map is a hill around the middle of each thing, and hardly ever near 1.
  if (is_class(mask)) fill_range(site, mask, kClassFrom, kClassSoftness);
}

void check_masks_have_a_source(const Value& root, Problems& problems) {
  const Value* const input = root.find("input");
  const Value* const dream = root.find("dream");
  if (input == nullptr || dream == nullptr || !input->is_map() || !dream->is_map()) return;
  const auto check = [&](const Value& mask, const std::string& path) {
    if (says(*input, "noise"))
      check_has_a_source(mask, path, problems);
    else if (says(*input, "duration"))
      check_moves(mask, path, problems);
  };
  bool is_any = says(*dream, "mask");
  if (is_any) check(*dream->find("mask"), "dream.mask");
  const Value* const objectives = dream->find("objectives");
  for (std::size_t i = 0; objectives != nullptr && i < objectives->items.size(); ++i) {
    if (!says(objectives->items[i], "mask")) continue;
    is_any = true;
    check(*objectives->items[i].find("mask"), fmt::format("dream.objectives.{}.mask", i));
  }
  const Value* const shown = dream->find("show_masks");
  if (!is_any && shown != nullptr && shown->text == "true")
    problems.add(shown->place, "dream.show_masks",
                 "expected a job with a mask: neither dream.mask nor the mask of an objective is set");
}

}  // namespace dreamreel::job
