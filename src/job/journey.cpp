#include "journey.h"

#include <fmt/core.h>

#include <algorithm>

#include "objective_schema.h"

namespace dreamreel::job {
namespace {

using curve::Ease;
using curve::Keyframe;

struct Journey {
  std::vector<std::string> layers;
  std::vector<std::string> classes;  // in place of layers
  double seconds_each = 4, crossfade = 1, weight = 1;
  bool loop = false;
};

constexpr double kLongest = 1e6;  // seconds

Table<Journey> journey_table() {
  return {
      field<Journey>("layers", &Journey::layers, TextsType{"a list of at least two layers"}, "",
                     "The layers to travel through, in their order; or instead of them:"),
      field<Journey>(
          "classes", &Journey::classes, TextsType{"a list of at least two classes"}, "",
          "Classes of the network, e.g. `[dog, cat]`, where its card says which layers have them."),
      field<Journey>("seconds_each", &Journey::seconds_each, NumberType{{0, kLongest, true}}, "seconds",
                     "Time from one change of layers to the next."),
      field<Journey>("crossfade", &Journey::crossfade, NumberType{{0, kLongest}}, "seconds",
                     "Length of a change, at most `seconds_each`; half of it lies before, half behind it."),
      field<Journey>("weight", &Journey::weight, NumberType{kWeights}, "",
                     "Weight of each layer while it is alone; while two change, theirs add up to it."),
      field<Journey>(
          "loop", &Journey::loop, BoolType{}, "",
          "Travel on from the last layer to the first, for ever (a change then ends at a multiple of "
          "`seconds_each`); else the last one stays."),
  };
}

bool is_said(const Value* value) {
  return value != nullptr && !value->is_null();
}

std::size_t count_of(const Journey& journey) {
  return journey.layers.size() + journey.classes.size();
}

bool holds(const Journey& journey, const Site& site) {
  const auto problem = [&](const char* key, const std::string& message) {
    const Value* const value = site.value.find(key);
    site.at(key, value == nullptr ? site.value : *value).problem(message);
    return false;
  };
  const bool layers = is_said(site.value.find("layers")), classes = is_said(site.value.find("classes"));
  if (layers == classes)
    return problem("layers", layers ? "expected either layers or classes, got both"
                                    : "missing; expected a list of at least two layers, or classes");
  if (count_of(journey) == 0) return false;  // already reported
  bool good = true;
  if (count_of(journey) < 2)
    good = problem(layers ? "layers" : "classes",
                   fmt::format("expected a list of at least two {}, got one; for one {} use dream.objectives",
                               layers ? "layers" : "classes", layers ? "layer" : "class"));
  if (journey.crossfade > journey.seconds_each)
    good = problem("crossfade", fmt::format("expected at most seconds_each ({}), got {}",
                                            to_text(journey.seconds_each), to_text(journey.crossfade)));
  return good;
}

// The weight of layer `number`. It is full from number * seconds_each until the next layer's time, with ramps
// of `crossfade` centred on both times. The first layer is full from the start, the last one to the end.
Curve weight_on_the_way(std::size_t number, const Journey& journey) {
  const double half = journey.crossfade / 2;
  const Ease ease = half > 0 ? Ease::linear : Ease::hold;
  std::vector<Keyframe> keys;
  const auto add = [&](double seconds, double value) {
    if (!keys.empty() && keys.back().time.value >= seconds) return;  // one ramp ends where the next begins
    const Keyframe key{{seconds, TimePoint::Unit::seconds}, curve::Number(value), ease};
    keys.push_back(key);
  };
  const bool is_first = number == 0, is_last = number + 1 == count_of(journey);
  const double begin = static_cast<double>(number) * journey.seconds_each, end = begin + journey.seconds_each;
  // without a ramp, a key at 0 gives the weight before the change
  if (!is_first) add(half > 0 ? begin - half : 0, 0);
  add(is_first ? 0 : begin + half, journey.weight);
  if (!is_last && half > 0) add(end - half, journey.weight);
  if (!is_last) add(end + half, 0);
  keys.back().ease = Ease::linear;  // nothing follows that it could shape
  return Curve(std::move(keys));
}

// The same in an endless loop. The weight is full from number * seconds_each until one crossfade before the
// next layer's time. FFmpeg's mod() is never negative.
Curve weight_in_loop(std::size_t number, const Journey& journey) {
  const double each = journey.seconds_each, fade = journey.crossfade;
  const double period = each * static_cast<double>(count_of(journey));
  const double begin = each * static_cast<double>(number);
  const std::string weight = to_text(journey.weight) + "*";
  // The 1e-6 makes a frame on the border belong to the layer that begins there, however its time is rounded.
  if (fade == 0)
    return Curve(curve::Expression(
        fmt::format("{}lt(mod(t+1e-6-{},{}),{})", weight, to_text(begin), to_text(period), to_text(each))));
  // Distance in time from the middle of the layer's stay, the shorter way around the loop.
  const std::string half = to_text(period / 2);
  const std::string distance = fmt::format("({}-abs(mod(t-{},{})-{}))", half,
                                           to_text(begin + (each - fade) / 2), to_text(period), half);
  return Curve(curve::Expression(
      fmt::format("{}clip(({}-{})/{},0,1)", weight, to_text((each + fade) / 2), distance, to_text(fade))));
}

std::vector<LayerObjective> objectives_of(const Journey& journey) {
  std::vector<LayerObjective> objectives;
  for (std::size_t i = 0; i < count_of(journey); ++i) {
    LayerObjective objective;
    if (journey.classes.empty()) {
      objective.layer = journey.layers[i];
    } else {
      objective.kind = LayerObjective::Kind::logit;
      objective.class_name = journey.classes[i];
    }
    objective.weight = journey.loop ? weight_in_loop(i, journey) : weight_on_the_way(i, journey);
    objectives.push_back(std::move(objective));
  }
  return objectives;
}

// If one file sets layers and another sets classes, the older setting is removed.
void drop_older_way(Value* journey) {
  const Value* const layers = journey == nullptr ? nullptr : journey->find("layers");
  const Value* const classes = journey == nullptr ? nullptr : journey->find("classes");
  if (layers == nullptr || classes == nullptr || age(layers->place) == age(classes->place)) return;
  const std::string older = age(layers->place) > age(classes->place) ? "layers" : "classes";
  std::erase_if(journey->entries, [&](const auto& entry) { return entry.key == older; });
}

}  // namespace

Row<Dream> journey_row() {
  const auto table = journey_table();
  Row<Dream> row;
  row.info = {"journey", "a map", "", "",
              "A way through the layers in place of `dream.objectives`, or beside them."};
  row.info.merges = true;
  row.info.shape = {KeyShape::Kind::map};
  row.inner = flatten(table);
  row.read = [table](const Site& site, Dream& dream) {
    Journey journey;
    read_table(site, table, journey);
    if (!site.value.is_map() || !holds(journey, site)) return;
    for (auto& objective : objectives_of(journey)) dream.objectives.push_back(std::move(objective));
    dream.balance = true;
  };
  row.write = [](const Dream&) { return Value{}; };
  return row;
}

void drop_older_of_objectives_and_journey(Value& root) {
  Value* const dream = root.find("dream");
  if (dream == nullptr) return;
  const Value* const objectives = dream->find("objectives");
  const Value* const journey = dream->find("journey");
  drop_older_way(dream->find("journey"));
  if (!is_said(objectives) || !is_said(journey)) return;
  // A journey is as old as its layers. Changing only its pace does not make it a new journey.
  const Value* layers = journey->find("layers");
  if (layers == nullptr) layers = journey->find("classes");
  const int difference = age(objectives->place) - age(layers == nullptr ? journey->place : layers->place);
  if (difference == 0) return;
  const std::string older = difference > 0 ? "objectives" : "journey";
  std::erase_if(dream->entries, [&](const auto& entry) { return entry.key == older; });
}

}  // namespace dreamreel::job
