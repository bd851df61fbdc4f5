#include "scenes.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "cuts_type.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/job/schema.h"
#include "tables.h"

namespace dreamreel::job {
namespace {

constexpr std::size_t kMostScenes = 64;
constexpr const char* kScenes = "scenes";
constexpr const char* kSceneTime = "a time such as 8s, 96f or 16bar";

const Table<Scene>& scene_table() {
  static const Table<Scene> table{
      required(custom<Scene>(
          {"from", kSceneTime, "", "", "When the scene begins; the first one begins at 0."},
          [](const Site& site, Scene& scene) {
            const auto time = site.value.is_scalar() ? parse_any_time(site.value.text) : std::nullopt;
            if (!time) return site.expected(kSceneTime);
            scene.from = *time;
          },
          [](const Scene&) { return Value{}; })),
      custom<Scene>(
          {"crossfade", kFadeWhat, "", "",
           "How long the dreams of this scene and of the one before are cross-faded, from `from` on; left "
           "out, "
           "the scene begins with a cut."},
          [](const Site& site, Scene& scene) { scene.crossfade = read_time_on_sound(site, true); },
          [](const Scene&) { return Value{}; }),
      required(custom<Scene>(
          {"look", "the name of a look (`dreamreel looks` lists them), or a path", "", "",
           "The look of the scene, as `look` of the whole job would be."},
          [](const Site& site, Scene& scene) {
            if (const auto name = TextType{"the name of a look"}.read(site)) scene.look = *name;
            scene.place = site.value.place;
          },
          [](const Scene&) { return Value{}; })),
  };
  return table;
}

Scene read_scene(const Value& item, const Site& site) {
  Scene scene;
  read_table({item, site.path, site.context}, scene_table(), scene);
  return scene;
}

void check_times(const std::vector<Scene>& scenes, const Site& site) {
  const auto problem = [&](std::size_t i, const std::string& text) {
    site.context.problems.add(site.value.items[i].place, join_path(site.path, fmt::format("{}.from", i)),
                              text);
  };
  if (scenes.front().from.value != 0)
    problem(0,
            "expected 0, because the first scene begins with the job, got " + to_string(scenes.front().from));
  if (scenes.front().crossfade)
    site.context.problems.add(site.value.items[0].place, join_path(site.path, "0.crossfade"),
                              "expected none in the first scene, which has no scene before it to fade from");
  for (std::size_t i = 1; i < scenes.size(); ++i)
    if (scenes[i].from.unit == scenes[i - 1].from.unit && scenes[i].from.value <= scenes[i - 1].from.value)
      problem(i, fmt::format("expected a time after {}, where the scene before begins",
                             to_string(scenes[i - 1].from)));
}

// The job without everything that may change from scene to scene, and without what no look says.
Job without_what_changes(Job job) {
  job.file.clear();
  job.input = {};
  job.output = {};
  job.network = {};
  job.dream.objectives.clear();
  job.dream.balance = false;
  for (const auto& named : list_curves(job))
    *const_cast<Curve*>(named.curve) = 0;  // NOLINT(cppcoreguidelines-pro-type-const-cast): it is in `job`
  return job;
}

// Adds the paths of the keys that two trees do not share.
void add_differences(const Value& a, const Value& b, const std::string& path, std::set<std::string>& keys) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size()) {
    keys.insert(path);
    return;
  }
  for (const auto& entry : a.entries) {
    const std::string inner = join_path(path, entry.key);
    if (const Value* const other = b.find(entry.key))
      add_differences(entry.value, *other, inner, keys);
    else
      keys.insert(inner);
  }
  for (const auto& entry : b.entries)
    if (a.find(entry.key) == nullptr) keys.insert(join_path(path, entry.key));
  for (std::size_t i = 0; i < a.items.size(); ++i)
    add_differences(a.items[i], b.items[i], join_path(path, std::to_string(i)), keys);
}

std::string look_key(std::size_t scene) {
  return join_path(kScenes, fmt::format("{}.look", scene));
}

// The value that a curve has all the time; nullopt for keyframes.
std::optional<curve::Number> one_number(const Curve& curve) {
  if (!curve.keys().empty()) return {};
  if (curve.is_constant()) return curve.min();
  return *curve.expressions().front();
}

// An objective with what it weighs in each scene.
struct Part {
  LayerObjective objective;  // with the weight 0
  std::vector<std::optional<Curve>> weights;
};

class Joiner {
 public:
  Joiner(const std::vector<Scene>& scenes, const std::vector<Job>& jobs) : scenes_(scenes), jobs_(jobs) {}

  Job join() {
    Job job = jobs_.front();
    check_the_rest();
    join_curves(job);
    join_balance(job);
    join_objectives(job);
    tell_what_travels();
    problems_.throw_if_any();
    auto& cuts = job.temporal.cuts;
    cuts.fades.resize(cuts.times.size());
    for (std::size_t i = 1; i < scenes_.size(); ++i) {
      cuts.times.push_back(scenes_[i].from);
      cuts.fades.push_back(scenes_[i].crossfade);
    }
    return job;
  }

 private:
  void problem(std::size_t scene, const std::string& text) {
    problems_.add(scenes_[scene].place, look_key(scene), text);
  }

  void cannot_change(std::size_t scene, const std::set<std::string>& keys, const std::string& why) {
    const std::string names = join_names({keys.begin(), keys.end()});
    const bool one = keys.size() == 1;
    problem(scene,
            fmt::format("{}{} from scene 0, and {}; set {} in the job file, so that all scenes share {}",
                        names, one ? " differs" : " differ", why, one ? names : "them", one ? "it" : "them"));
  }

  void tell_what_travels() {
    for (const auto& [scene, keys] : travels_)
      problem(scene, fmt::format("{} travels, so it cannot be a scene beside others: it has keyframes in {}",
                                 in_quotes(scenes_[scene].look), join_names({keys.begin(), keys.end()})));
  }

  void check_the_rest() {
    const Value first = write_table(job_table(), without_what_changes(jobs_.front()));
    for (std::size_t i = 1; i < jobs_.size(); ++i) {
      const Value other = write_table(job_table(), without_what_changes(jobs_[i]));
      std::set<std::string> keys;
      add_differences(first, other, "", keys);
      if (!keys.empty())
        cannot_change(i, keys,
                      (keys.size() == 1 ? "it" : "they") + std::string(" cannot change within a job"));
    }
  }

  // One curve that is each of the given curves in its scene.
  std::optional<Curve> in_turn(const std::vector<Curve>& each, const std::string& key) {
    if (std::ranges::all_of(each, [&](const Curve& curve) { return curve == each.front(); }))
      return each.front();
    for (std::size_t i = 0; i < each.size(); ++i)
      if (!one_number(each[i])) travels_[i].insert(key);
    if (!travels_.empty()) return {};
    std::vector<curve::Keyframe> keys;
    for (std::size_t i = 0; i < each.size(); ++i) {
      const auto number = one_number(each[i]);
      if (!keys.empty() && keys.back().value == *number) continue;
      const TimePoint from = i == 0 ? TimePoint{0, TimePoint::Unit::frames} : scenes_[i].from;
      keys.push_back({from, *number, curve::Ease::hold});
    }
    keys.back().ease = curve::Ease::linear;  // nothing follows
    return Curve(std::move(keys));
  }

  // Joins every curve of the jobs except the objectives' weights, which join_objectives() joins. Jobs with
  // different curves are left alone, because check_the_rest() reports them.
  void join_curves(Job& job) {
    job.dream.objectives.clear();
    const auto curves = list_curves(job);
    std::vector<std::vector<NamedCurve>> others;
    std::vector<Job> bare = jobs_;
    for (auto& other : bare) {
      other.network = job.network;
      other.dream.objectives.clear();
      others.push_back(list_curves(other));
      if (others.back().size() != curves.size()) return;
    }
    for (std::size_t c = 0; c < curves.size(); ++c) {
      std::vector<Curve> each;
      for (const auto& list : others) each.push_back(*list[c].curve);
      if (auto curve = in_turn(each, curves[c].path))
        *const_cast<Curve*>(curves[c].curve) =  // NOLINT(cppcoreguidelines-pro-type-const-cast): in `job`
            std::move(*curve);
    }
  }

  // A single objective is the same with balance and without it.
  void join_balance(Job& job) {
    job.dream.balance = std::ranges::any_of(jobs_, [](const Job& one) { return one.dream.balance; });
    for (std::size_t i = 0; job.dream.balance && i < jobs_.size(); ++i)
      if (!jobs_[i].dream.balance && jobs_[i].dream.objectives.size() > 1)
        cannot_change(i == 0 ? 1 : i, {"dream.balance"}, "a scene with several objectives depends on it");
  }

  void join_objectives(Job& job) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < jobs_.size(); ++i)
      for (const auto& objective : jobs_[i].dream.objectives) add(parts, i, named(objective, jobs_[i], job));
    for (auto& [objective, weights] : parts) {
      std::vector<Curve> each;
      for (const auto& weight : weights) each.push_back(weight.value_or(Curve(0)));
      if (auto weight = in_turn(each, "dream.objectives")) objective.weight = std::move(*weight);
      job.dream.objectives.push_back(std::move(objective));
    }
  }

  void add(std::vector<Part>& parts, std::size_t scene, LayerObjective objective) {
    const Curve weight = std::exchange(objective.weight, Curve(0));
    auto part = std::ranges::find_if(
        parts, [&](const Part& known) { return known.objective == objective && !known.weights[scene]; });
    if (part == parts.end()) {
      parts.push_back({std::move(objective), std::vector<std::optional<Curve>>(scenes_.size())});
      part = std::prev(parts.end());
    }
    part->weights[scene] = weight;
  }

  // The objective with the network of its scene. A network with lesions or a size of its own needs a name in
  // `networks`.
  static LayerObjective named(LayerObjective objective, const Job& own, Job& job) {
    if (objective.network || own.network == job.network) return objective;
    NetworkRef network = own.network;
    if (!network.ablate.empty() || network.size) {
      network.alias = fmt::format("scene_{}", job.networks.size());
      for (const auto& [alias, known] : job.networks)
        if (is_same_network(known, network)) network.alias = alias;
      job.networks.emplace(network.alias, network);
    }
    objective.network = std::move(network);
    return objective;
  }

  const std::vector<Scene>& scenes_;
  const std::vector<Job>& jobs_;
  Problems problems_;
  std::map<std::size_t, std::set<std::string>>
      travels_;  // the keys with keyframes of each scene that has any
};

// Files are numbered from the youngest on. Only overrides, and clips that stand for a job, have no lines.
std::size_t own_files(const Place& place) {
  return place.source && place.source->has_lines ? static_cast<std::size_t>(place.source->order) + 1 : 0;
}

}  // namespace

std::vector<Scene> take_scenes(Value& root, Problems& problems) {
  const Value* const found = root.find(kScenes);
  if (found == nullptr) return {};
  const Value value = *found;
  std::erase_if(root.entries, [](const auto& entry) { return entry.key == kScenes; });
  if (value.is_null()) return {};
  Context context(problems, value);
  context.keys = &schema();
  const Site site{value, kScenes, context};
  std::vector<Scene> scenes;
  if (is_short_list(site, "a list of at least one map")) {
    if (value.items.size() > kMostScenes)
      site.problem(fmt::format("expected at most {} scenes, got {}", kMostScenes, value.items.size()));
    for (std::size_t i = 0; i < value.items.size() && i < kMostScenes; ++i) {
      scenes.push_back(read_scene(value.items[i], site.at(std::to_string(i), value.items[i])));
      scenes.back().own = own_files(value.place);
    }
    if (problems.empty()) check_times(scenes, site);
  }
  problems.throw_if_any();
  return scenes;
}

Job joined(const std::vector<Scene>& scenes, const std::vector<Job>& jobs) {
  return Joiner(scenes, jobs).join();
}

Row<Job> scenes_row() {
  Row<Job> row = custom<Job>(
      {kScenes, "a list of at least one map", "", "",
       "Whole looks, one after the other, each beginning with a cut or a cross-fade; see "
       "[scenes](#scenes)."},
      [](const Site& site, Job&) { site.problem("expected none in a resolved job"); },
      [](const Job&) { return Value{}; });
  row.info.shape = {KeyShape::Kind::list};
  for (const auto& info : flatten(scene_table())) row.inner.push_back(under("N", info));
  return row;
}

}  // namespace dreamreel::job
