#include "objective_schema.h"

#include <fmt/core.h>

#include <algorithm>

#include "mask_schema.h"

namespace dreamreel::job {
namespace {

using Kind = LayerObjective::Kind;
using Match = LayerObjective::Match;
constexpr int kMaxSide = 16384;
constexpr const char* kLayerWhat = "the name of a layer";

const ChoiceType<Kind>& kinds() {
  static const ChoiceType<Kind> type{{{"energy", Kind::energy},
                                      {"mean", Kind::mean},
                                      {"channels", Kind::channels},
                                      {"neuron", Kind::neuron},
                                      {"logit", Kind::logit},
                                      {"guide", Kind::guide},
                                      {"style", Kind::style},
                                      {"content", Kind::content},
                                      {"direction", Kind::direction},
                                      {"diversity", Kind::diversity}}};
  return type;
}

// Keys that only some kinds take. All other keys belong to every kind.
struct Belonging {
  std::string key;
  std::vector<Kind> kinds;
};
const std::vector<Belonging>& belongings() {
  static const std::vector<Belonging> list{{"channels", {Kind::channels, Kind::neuron}},
                                           {"at", {Kind::neuron}},
                                           {"class", {Kind::logit}},
                                           {"image", {Kind::guide, Kind::style, Kind::content}},
                                           {"images", {Kind::guide, Kind::style}},
                                           {"size", {Kind::guide, Kind::style}},
                                           {"match", {Kind::guide}},
                                           {"selectivity", {Kind::guide, Kind::direction, Kind::logit}},
                                           {"rivals", {Kind::logit}},
                                           {"vector", {Kind::direction}}};
  return list;
}

std::string name_of(Kind kind) {
  return kinds().write(kind).text;
}

std::string names_of_kinds(const std::vector<Kind>& list) {
  std::string names;
  for (std::size_t i = 0; i < list.size(); ++i)
    names += (i == 0 ? "" : i + 1 == list.size() ? " or " : ", ") + name_of(list[i]);
  return names;
}

// Writes the key, and lists its curves, only for kinds that take it, so that the text can be read back. Adds
// these kinds to the documentation.
Row<LayerObjective> of_kinds(Row<LayerObjective> row) {
  const auto found = std::ranges::find(belongings(), row.info.path, &Belonging::key);
  row.info.doc = fmt::format("Of kind {}. {}", names_of_kinds(found->kinds), row.info.doc);
  row.write = [write = row.write, kinds = found->kinds](const LayerObjective& objective) {
    return std::ranges::find(kinds, objective.kind) != kinds.end() ? write(objective) : Value{};
  };
  if (row.curves)
    row.curves = [curves = row.curves, kinds = found->kinds](const LayerObjective& objective,
                                                             const std::string& path,
                                                             std::vector<NamedCurve>& list) {
      if (std::ranges::find(kinds, objective.kind) != kinds.end()) curves(objective, path, list);
    };
  return row;
}

Row<LayerObjective> network_key() {
  const std::string what = "a card name, a path ending in .onnx, or a name in `networks`";
  return custom<LayerObjective>(
      {"network", what, "", "", "The network of this objective; left out, the job's own."},
      [=](const Site& site, LayerObjective& objective) {
        if (!site.value.is_scalar()) return site.expected(what);
        objective.network = resolve_network(site.value.text, site);
      },
      [](const LayerObjective& objective) {
        if (!objective.network) return Value{};
        const auto& [name, alias] = std::tie(objective.network->name, objective.network->alias);
        return Value::scalar(alias.empty() ? name : alias);
      });
}

Row<LayerObjective> class_key() {
  return of_kinds(custom<LayerObjective>(
      {"class", kClassWhat, "", "",
       "Which class to dream of; `{class: dog}` alone will do where the network's card says which layers "
       "have its classes. Elsewhere the layer is the one before the softmax."},
      [](const Site& site, LayerObjective& objective) {
        read_class(site, objective.class_index, objective.class_name);
      },
      [](const LayerObjective& objective) {
        return class_value(objective.class_index, objective.class_name);
      }));
}

Row<LayerObjective> image_key() {
  auto row = of_kinds(custom<LayerObjective>(
      {"image", PathType{}.name(), "", "", "The picture to be like; left out for content, the source."},
      [](const Site& site, LayerObjective& objective) {
        if (const auto path = PathType{}.read(site)) objective.images = {*path};
      },
      [](const LayerObjective& objective) {
        return objective.images.size() == 1 ? PathType{}.write(objective.images.front()) : Value{};
      }));
  row.files = [](LayerObjective& objective, const std::string& path, std::vector<NamedFile>& found) {
    if (objective.images.size() == 1) found.push_back({path, &objective.images.front()});
  };
  return row;
}

Row<LayerObjective> images_key() {
  const std::string what = "a list of paths";
  auto row = of_kinds(custom<LayerObjective>(
      {"images", what, "", "", "Several pictures in place of `image`."},
      [=](const Site& site, LayerObjective& objective) {
        if (!is_short_list(site, what)) return;
        objective.images.clear();
        for (std::size_t i = 0; i < site.value.items.size(); ++i)
          if (const auto path = PathType{}.read(site.at(std::to_string(i), site.value.items[i])))
            objective.images.push_back(*path);
      },
      [](const LayerObjective& objective) {
        std::vector<Value> paths;
        for (const auto& path : objective.images) paths.push_back(PathType{}.write(path));
        return paths.size() > 1 ? flow_list(std::move(paths)) : Value{};
      }));
  row.files = [](LayerObjective& objective, const std::string& path, std::vector<NamedFile>& found) {
    if (objective.images.size() < 2) return;
    for (std::size_t i = 0; i < objective.images.size(); ++i)
      found.push_back({join_path(path, std::to_string(i)), &objective.images[i]});
  };
  return row;
}

Row<LayerObjective> vector_key() {
  const std::string what = "a list of numbers, each from -1000000 to 1000000";
  return of_kinds(custom<LayerObjective>(
      {"vector", what, "", "",
       "A direction in the space of channels, one number for each; its length does not matter."},
      [=](const Site& site, LayerObjective& objective) {
        if (!is_short_list(site, what)) return;
        objective.vector.clear();
        for (std::size_t i = 0; i < site.value.items.size(); ++i)
          objective.vector.push_back(
              NumberType{kWeights}.read(site.at(std::to_string(i), site.value.items[i])).value_or(0));
      },
      [](const LayerObjective& objective) {
        std::vector<Value> numbers;
        for (const double number : objective.vector) numbers.push_back(NumberType{}.write(number));
        return numbers.empty() ? Value{} : flow_list(std::move(numbers));
      }));
}

bool given(const Site& site, const std::string& key) {
  const Value* const value = site.value.find(key);
  return value != nullptr && !value->is_null();
}

void check_required(const Site& site, Kind kind) {
  const auto needs = [&](bool has, const std::string& key, const std::string& what) {
    if (!has) site.problem(fmt::format("kind {} needs the key {}, {}", name_of(kind), key, what));
  };
  switch (kind) {
    case Kind::channels:
    case Kind::neuron:
      return needs(given(site, "channels"), "channels", ChannelsType{true}.name());
    case Kind::logit:
      return needs(given(site, "class"), "class", "an index or a name");
    case Kind::guide:
    case Kind::style:
      return needs(given(site, "image") || given(site, "images"), "image or images",
                   "the pictures to be like");
    case Kind::direction:
      return needs(given(site, "vector"), "vector", "one number for each channel of the layer");
    case Kind::energy:
    case Kind::mean:
    case Kind::content:
    case Kind::diversity:
      return;
  }
}

}  // namespace

Table<LayerObjective> objective_table() {
  using Objective = LayerObjective;
  return {
      field<Objective>("layer", &Objective::layer, TextType{kLayerWhat}, "",
                       "A layer as `dreamreel layers` lists it. Only a `class` may do without."),
      field<Objective>("weight", &Objective::weight, CurveType{kWeights}, "",
                       "How much of it; below 0 dreams it away."),
      mask_row<Objective>(&Objective::mask, false, "Where in the picture it holds; left out, everywhere."),
      field<Objective>("kind", &Objective::kind, kinds(), "",
                       "What of the layer: see [objectives](objectives.md)."),
      network_key(),
      of_kinds(field<Objective>("channels", &Objective::channels, ChannelsType{true}, "",
                                "Which channels; a single one for a neuron. Classes go by name where the "
                                "network's card says that they are the layer's channels.")),
      of_kinds(curve_pair("at", &Objective::at_x, &Objective::at_y, {0, 1}, "fractions of the frame",
                          "Where in the frame the neuron sits.")),
      class_key(),
      image_key(),
      images_key(),
      of_kinds(
          field<Objective>("size", &Objective::size, SizeType{kMaxSide}, "pixels",
                           "Longer side that the pictures are scaled to first; left out, their own. Larger "
                           "ones give larger shapes.")),
      of_kinds(field<Objective>(
          "match", &Objective::match, ChoiceType<Match>{{{"best", Match::best}, {"mean", Match::mean}}}, "",
          "`best`: each position looks for the feature of the guide that it is most like "
          "already; `mean`: all go for the guide's mean.")),
      of_kinds(field<Objective>(
          "selectivity", &Objective::selectivity, CurveType{{0, 100}}, "",
          "Above 0, positions that are alike already, or show the class already, grow most: the "
          "power of the cosine with the feature, or the steepness with which a class counts.")),
      of_kinds(
          field<Objective>("rivals", &Objective::rivals, CurveType{{0, 1}}, "",
                           "How much the other classes at the same place count against this one; 1 gives "
                           "pictures that are of this class and no other.")),
      vector_key(),
  };
}

void check_objective(const Site& site, const LayerObjective& objective) {
  if (!site.value.is_map() && !site.value.is_null()) return;
  for (const auto& entry : site.value.entries) {
    const auto found = std::ranges::find(belongings(), entry.key, &Belonging::key);
    if (found == belongings().end() || entry.value.is_null()) continue;
    if (std::ranges::find(found->kinds, objective.kind) == found->kinds.end())
      site.context.problems.add(entry.place, join_path(site.path, entry.key),
                                fmt::format("belongs to kind {}, not to kind {}",
                                            names_of_kinds(found->kinds), name_of(objective.kind)));
  }
  if (!given(site, "layer") && objective.kind != Kind::logit)  // a logit's layer may be found later
    site.at("layer", site.value).problem(std::string("missing; expected ") + kLayerWhat);
  check_required(site, objective.kind);
  if (given(site, "image") && given(site, "images"))
    site.problem("expected either image or images, got both");
  const auto& channels = objective.channels;
  const bool one = channels.size() == 1 && channels[0].first == channels[0].last;
  if (objective.kind == Kind::neuron && !channels.empty() && !one)
    site.at("channels", *site.value.find("channels")).expected("a single channel for kind neuron");
}

void check_content(const Value& root, const Job& job, Problems& problems) {
  const Value* const dream = root.find("dream");
  const Value* const list = dream == nullptr ? nullptr : dream->find("objectives");
  if (!job.input.noise || list == nullptr) return;
  for (std::size_t i = 0; i < job.dream.objectives.size() && i < list->items.size(); ++i) {
    const auto& objective = job.dream.objectives[i];
    if (objective.kind == Kind::content && objective.images.empty())
      problems.add(list->items[i].place, fmt::format("dream.objectives.{}", i),
                   "a job of noise has no source for kind content to stay near; give it an image");
  }
}

}  // namespace dreamreel::job
