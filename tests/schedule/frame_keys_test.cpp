// Tests which change of a job changes which keys.
#include "dreamreel/schedule/frame_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "dreamreel/job/files.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/job/schema.h"
#include "dreamreel/schedule/changes.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/schedule/key_classes.h"
#include "support/files.h"

namespace dreamreel::schedule {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kRate = 24;
constexpr std::int64_t kClip = 48;  // frames of the clip that the jobs name

// The facts that a render would read from a job's files. The paths stand for the contents.
Facts facts_of(job::Job job) {
  Facts facts;
  facts.version = "1";
  for (const auto& [key, path] : job::list_files(job))
    (path == &job.input.path ? facts.source : facts.files[key]) = path->string();
  auto networks = job::networks_of(job);
  for (const auto& network : job::mask_networks_of(job)) networks.push_back(network);
  for (const auto& network : networks) {
    facts.network += network.path.string() + " " + network.labels.string() + " " + network.input.order + " " +
                     std::to_string(network.input.scale);
    for (std::size_t i = 0; i < network.input.mean.size(); ++i)
      facts.network +=
          " " + std::to_string(network.input.mean[i]) + "/" + std::to_string(network.input.std[i]);
    facts.network += "\n";
  }
  return facts;
}

// A job with the plan and the sound that a render would have found.
struct World {
  job::Job job;
  Plan plan;
  std::vector<SoundLevels> sound;
  BeatGrid grid{grid_of(job.audio)};

  explicit World(const job::Job& said, std::int64_t segment_frames = 12) : job(said) {
    FirstPass pass;
    const auto length = [&](const TimePoint& time) { return std::llround(time.seconds(kRate) * kRate); };
    std::int64_t frames = kClip;
    if (job.input.noise) frames = length(job.input.noise->duration);
    if (job.input.duration) frames = length(*job.input.duration);
    if (job.input.trim_end) frames = std::min<std::int64_t>(frames, length(*job.input.trim_end));
    if (job.input.trim_start) frames -= length(*job.input.trim_start);
    if (job.output.loop && is_feedback(job)) pass.loop = loop_of_feedback(job, frames, kRate);
    if (job.output.loop && !is_feedback(job))
      pass.loop = loop_of_clip(frames, run_in_lengths(job, frames, kRate).usual);
    if (pass.loop) frames = pass.loop.length;
    pass.clock.duration_seconds = static_cast<double>(frames) / kRate;
    pass.clock.frame_count = frames;
    const bool has_cut = job.temporal.cuts.found && !is_feedback(job) && frames > 20;
    pass.shots = has_cut ? std::vector<Shot>{{0, 20}, {20, frames}} : std::vector<Shot>{{0, frames}};
    if (pass.loop) pass.run_in = {{-pass.loop.run_in, 0}};
    pass.shot_start = -pass.loop.run_in;
    plan = plan_of(job, facts_of(job), pass, segment_frames);
    for (std::int64_t frame = 0; frame < frames; ++frame) sound.push_back(levels_at(frame));
  }

  // Stands for the beats that the job's rules give.
  static BeatGrid grid_of(const job::Audio& audio) {
    const double bpm = audio.bpm ? audio.bpm->slowest : 120;
    return BeatGrid({audio.first_beat ? audio.first_beat->seconds(kRate) : 0}, bpm, audio.beats_of_bar());
  }

  // Stands for analysed sound: another file, attack or release gives other levels.
  SoundLevels levels_at(std::int64_t frame) const {
    const auto file = 0.37 * static_cast<double>(job.input.audio ? job.input.audio->string().size() : 0);
    const auto level = [&](const job::Smoothing& smoothing, double place) {
      return std::fmod(0.1 * static_cast<double>(frame) + file + place + smoothing.attack_seconds +
                           7.3 * smoothing.release_seconds,
                       1.0);
    };
    return {level(job.audio.loudness, 0.1), level(job.audio.bass, 0.2),  level(job.audio.mid, 0.3),
            level(job.audio.treble, 0.4),   level(job.audio.onset, 0.5), level(job.audio.beat, 0.6)};
  }

  FrameKeys::TimeOf time_of() const {
    return [this](std::int64_t frame, double seconds) {
      auto time = plan.clock.at(frame, seconds);
      const auto nearest = static_cast<std::size_t>(std::llround(time.frame));
      time.sound = nearest < sound.size() ? &sound[nearest] : nullptr;
      time.beats = &grid;
      return time;
    };
  }

  FrameKeys keys() const { return {job, plan, time_of()}; }
};

struct Keys {
  std::vector<std::string> dream, shown;
  std::vector<std::string> parts;
};

Keys keys_of(const World& world) {
  const auto keys = world.keys();
  Keys all;
  for (std::int64_t frame = world.plan.begin(); frame < world.plan.end(); ++frame) {
    all.dream.push_back(keys.of(frame).dream);
    all.shown.push_back(keys.of(frame).shown);
  }
  for (const auto& [begin, key] : keys.part_keys())
    if (begin >= 0) all.parts.push_back(key);
  return all;
}

// The first and the last frame whose keys differ, as "from..to"; "" if none differs.
std::string changed(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  std::string text;
  std::size_t first = before.size(), last = 0;
  for (std::size_t i = 0; i < std::min(before.size(), now.size()); ++i)
    if (before[i] != now[i]) first = std::min(first, i), last = i;
  return first == before.size() ? "" : std::to_string(first) + ".." + std::to_string(last);
}

class Jobs : public testing::Test {
 protected:
  // A job from a file with this text, read with overrides.
  job::Job job(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    test::write_file(folder_ / "job.yaml", text);
    auto options = job::default_load_options();
    options.overrides = overrides;
    return job::load_job(folder_ / "job.yaml", options);
  }

  const std::string clip_ =
      "input: {path: clip.mkv, audio: song.flac}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
      "dream: {objectives: [{layer: a}]}\n";
  const std::string noise_ =
      "input: {noise: {size: 32x32, duration: 48f}}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
      "dream: {objectives: [{layer: a}]}\n";
  const std::string still_ =
      "input: {path: still.png, duration: 48f}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
      "dream: {objectives: [{layer: a}]}\n";
  test::ScratchDir folder_;
};

// A key of the schema with two values, and the text of a job that has the key.
struct Change {
  std::string key, text, before, after;
};

// Settings of objective 0 beside its layer, or of a mask.
std::string with(const std::string& rest) {
  return "dream.objectives=[{layer: a, " + rest + "}]";
}

std::vector<Change> mask_changes(const std::string& mask) {
  const bool is_whole = mask == "dream.mask";
  const auto set = [&](const std::string& map) {
    return is_whole ? "dream.mask={confine: false, " + map + "}" : with("mask: {" + map + "}");
  };
  std::vector<Change> changes{
      {"path", "", set("path: m.png"), set("path: other.png")},
      {"channel", "", set("path: m.png"), set("path: m.png, channel: alpha")},
      {"start", "", set("path: m.mkv"), set("path: m.mkv, start: 1s")},
      {"from", "", set("from: alpha"), set("from: luma, range: [0, 1]")},
      {"range", "", set("from: luma, range: [0, 0.5]"), set("from: luma, range: [0, 0.6]")},
      {"colour", "", set("from: chroma, colour: \"#00b140\""), set("from: chroma, colour: \"#00b141\"")},
      {"tolerance", "", set("from: chroma, colour: \"#00b140\""),
       set("from: chroma, colour: \"#00b140\", tolerance: 0.2")},
      {"softness", "", set("from: luma, range: [0, 1]"), set("from: luma, range: [0, 1], softness: 0.3")},
      {"class", "", set("from: class, class: 3, network: nanodet"),
       set("from: class, class: 4, network: nanodet")},
      {"network", "", set("from: class, class: 3, network: nanodet"),
       set("from: class, class: 3, network: centernet")},
      {"windows", "", set("from: class, class: 3, network: nanodet"),
       set("from: class, class: 3, network: nanodet, windows: 2")},
      {"invert", "", set("path: m.png"), set("path: m.png, invert: true")},
      {"feather", "", set("path: m.png"), set("path: m.png, feather: 3")},
  };
  if (is_whole)
    changes.push_back({"confine", "", set("path: m.png"), "dream.mask={path: m.png, confine: true}"});
  for (auto& change : changes) change.key = mask + "." + change.key;
  return changes;
}

std::vector<Change> objective_changes() {
  const std::string guide = "kind: guide, image: a.png";
  std::vector<Change> changes{
      {"layer", "", "dream.objectives=[{layer: a}]", "dream.objectives=[{layer: b}]"},
      {"weight", "", with("weight: 1"), with("weight: 2")},
      {"kind", "", with("kind: energy"), with("kind: mean")},
      {"network", "", with("weight: 1"), with("network: other.onnx")},
      {"channels", "", with("kind: channels, channels: [3]"), with("kind: channels, channels: [3, 5..7]")},
      {"at", "", with("kind: neuron, channels: [3]"), with("kind: neuron, channels: [3], at: [0.5, 0.6]")},
      {"class", "", with("kind: logit, class: 3"), with("kind: logit, class: 4")},
      {"image", "", with(guide), with("kind: guide, image: b.png")},
      {"images", "", with("kind: guide, images: [a.png, b.png]"),
       with("kind: guide, images: [a.png, c.png]")},
      {"size", "", with(guide), with(guide + ", size: 64")},
      {"match", "", with(guide), with(guide + ", match: mean")},
      {"selectivity", "", with(guide), with(guide + ", selectivity: 2")},
      {"rivals", "", with("kind: logit, class: 3"), with("kind: logit, class: 3, rivals: 0.5")},
      {"vector", "", with("kind: direction, vector: [1, 2]"), with("kind: direction, vector: [1, 3]")},
  };
  for (auto& change : changes) change.key = "dream.objectives.N." + change.key;
  return changes;
}

std::vector<Change> network_changes() {
  const auto set = [](const std::string& rest) { return "network={path: net.onnx" + rest + "}"; };
  const auto ablate = [&](const std::string& rest) { return set(", ablate: [{" + rest + "}]"); };
  return {
      {"network.card",
       "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: {card: inception_v3}\n"
       "dream: {objectives: [{layer: a}]}\n",
       "", "network={card: oid}"},
      {"network.path", "", set(""), "network={path: other.onnx}"},
      {"network.order", "", set(""), set(", order: bgr")},
      {"network.scale", "", set(""), set(", scale: 255")},
      {"network.mean", "", set(""), set(", mean: [0, 0, 1]")},
      {"network.std", "", set(""), set(", std: [1, 1, 2]")},
      {"network.labels", "", set(", labels: a.txt"), set(", labels: b.txt")},
      {"network.size", "", set(""), set(", size: 64")},
      {"network.ablate.N.layer", "", ablate("layer: a, channels: [1]"), ablate("layer: b, channels: [1]")},
      {"network.ablate.N.channels", "", ablate("layer: a, channels: [1]"), ablate("layer: a, channels: [2]")},
      {"network.ablate.N.random", "", ablate("layer: a, random: 0.5"), ablate("layer: a, random: 0.6")},
      {"network.ablate.N.amount", "", ablate("layer: a, random: 0.5"),
       ablate("layer: a, random: 0.5, amount: 0.5")},
      {"networks",
       "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
       "networks: {n: {path: b.onnx}}\ndream: {objectives: [{layer: a, network: n}]}\n",
       "", "networks={n: {path: c.onnx}}"},
  };
}

// A job has either journeys or objectives, so journeys have a list of their own.
std::vector<Change> journey_changes() {
  const auto set = [](const std::string& rest) { return "dream.journey={" + rest + "}"; };
  const std::string layers = "layers: [a, b, c], seconds_each: 0.5, crossfade: 0.25";
  return {
      {"layers", "", set(layers), set("layers: [a, c, b], seconds_each: 0.5, crossfade: 0.25")},
      {"seconds_each", "", set(layers), set("layers: [a, b, c], seconds_each: 0.6, crossfade: 0.25")},
      {"crossfade", "", set(layers), set("layers: [a, b, c], seconds_each: 0.5, crossfade: 0.2")},
      {"weight", "", set(layers), set(layers + ", weight: 2")},
      {"loop", "", set(layers), set(layers + ", loop: true")},
  };
}

std::vector<Change> other_changes(const std::string& clip, const std::string& noise,
                                  const std::string& still) {
  return {
      {"input.path", clip, "", "input.path=other.mkv"},
      {"input.noise.size", noise, "", "input.noise.size=32x48"},
      {"input.noise.fps", noise, "", "input.noise.fps=25"},
      {"input.noise.duration", noise, "dream.step=1+T/100", "input.noise.duration=50f"},
      {"input.trim", clip, "", "input.trim=[1s, ~]"},
      {"input.filter", clip, "", "input.filter=hflip"},
      {"input.audio", clip, "dream.step=1+bass", "input.audio=another song.flac"},
      {"input.audio_start", clip, "dream.step=1+bass", "input.audio_start=2s"},
      {"input.fps", still, "", "input.fps=25"},
      {"input.duration", still, "dream.step=1+T/100", "input.duration=50f"},
      {"output.path", clip, "", "output.path=other.mkv"},
      {"output.video.codec", clip, "", "output.video.codec=ffv1"},
      {"output.video.pixel_format", clip, "", "output.video.pixel_format=yuv420p10"},
      {"output.video.options", clip, "", "output.video.options={crf: 20}"},
      {"output.audio", clip, "", "output.audio=none"},
      {"output.audio_bitrate", clip, "", "output.audio_bitrate=320k"},
      {"output.metadata", clip, "", "output.metadata=none"},
      {"output.preset", clip, "", "output.preset=archive"},
      {"output.loop.crossfade", clip, "output.loop={crossfade: 4f}", "output.loop={crossfade: 5f}"},
      {"device", clip, "", "device=cpu"},
      {"precision", clip, "", "precision=fp32"},
      {"executor", clip, "", "executor=direct"},
      {"seed", clip, "", "seed=2"},
      {"dream.balance", clip, "", "dream.balance=true"},
      {"dream.octaves", clip, "", "dream.octaves=2"},
      {"dream.octave_scale", clip, "", "dream.octave_scale=1.3"},
      {"dream.iterations", clip, "", "dream.iterations=11"},
      {"dream.step", clip, "", "dream.step=2"},
      {"dream.jitter", clip, "", "dream.jitter=8"},
      {"dream.strength", clip, "", "dream.strength=0.6"},
      {"dream.stop_below", clip, "", "dream.stop_below=0.1"},
      {"dream.opacity", clip, "", "dream.opacity=0.5"},
      {"dream.gradient.laplacian", clip, "", "dream.gradient.laplacian=3"},
      {"dream.gradient.smooth", clip, "", "dream.gradient.smooth=1"},
      {"dream.gradient.decorrelate", clip, "", "dream.gradient.decorrelate=0.5"},
      {"dream.regularise.total_variation", clip, "", "dream.regularise.total_variation=1"},
      {"dream.regularise.beta", clip, "", "dream.regularise.beta=2"},
      {"dream.regularise.grey", clip, "", "dream.regularise.grey=1"},
      {"dream.regularise.blur", clip, "", "dream.regularise.blur=1"},
      {"dream.regularise.blur_end", clip, "", "dream.regularise.blur_end=1"},
      {"dream.regularise.blur_every", clip, "", "dream.regularise.blur_every=2"},
      {"dream.regularise.clip", clip, "", "dream.regularise.clip=0.1"},
      {"dream.transforms.scale", clip, "", "dream.transforms.scale=0.1"},
      {"dream.transforms.rotate", clip, "", "dream.transforms.rotate=1"},
      {"dream.optimizer", clip, "", "dream.optimizer=adam"},
      {"dream.parameterization", clip, "", "dream.parameterization=fourier"},
      {"temporal.flow", clip, "", "temporal.flow=none"},
      {"temporal.carry", clip, "", "temporal.carry=image"},
      {"temporal.blend", clip, "", "temporal.blend=0.8"},
      {"temporal.occlusion", clip, "", "temporal.occlusion=false"},
      {"temporal.every", clip, "", "temporal.every=2"},
      {"temporal.hold", clip, "", "temporal.hold=true"},
      {"temporal.iterations", clip, "", "temporal.iterations=4"},
      {"temporal.step", clip, "", "temporal.step=0.6"},
      {"temporal.warmup", clip, "", "temporal.warmup=1"},
      {"temporal.noise", noise, "", "temporal.noise=0.1"},
      {"temporal.sharpen", noise, "", "temporal.sharpen=0.1"},
      {"temporal.marks", clip, "", "temporal.marks=true"},
      {"temporal.calm", clip, "", "temporal.calm=0.5"},
      {"temporal.memory", clip, "", "temporal.memory=24"},
      {"temporal.deepen", clip, "", "temporal.deepen=2"},
      {"temporal.distrust.uncovered", clip, "", "temporal.distrust.uncovered=0.5"},
      {"temporal.distrust.outside", clip, "", "temporal.distrust.outside=0.5"},
      {"temporal.distrust.edge", clip, "", "temporal.distrust.edge=0.5"},
      {"temporal.maps", clip, "", "temporal.maps=true"},
      {"temporal.cuts", clip, "", "temporal.cuts=none"},
      {"camera.zoom", clip, "", "camera.zoom=1.1"},
      {"camera.rotate", clip, "", "camera.rotate=1"},
      {"camera.pan", clip, "", "camera.pan=[0, 0.1]"},
      {"camera.pivot", clip, "", "camera.pivot=[0.5, 0.4]"},
      {"camera.border", clip, "", "camera.border=wrap"},
      {"colour.match", clip, "", "colour.match=first"},
      {"colour.strength", clip, "", "colour.strength=0.5"},
      {"colour.chroma", clip, "", "colour.chroma=source"},
      {"colour.contrast_limit", clip, "", "colour.contrast_limit=20"},
      {"colour.saturation_limit", clip, "", "colour.saturation_limit=20"},
  };
}

std::vector<Change> scene_changes() {
  const auto set = [](const std::string& from, const std::string& look) {
    return "scenes=[{from: 0s, look: agate}, {from: " + from + ", look: " + look + "}]";
  };
  return {{"scenes.N.from", "", set("1s", "argus"), set("1.5s", "argus")},
          {"scenes.N.look", "", set("1s", "argus"), set("1s", "starry")}};
}

std::vector<Change> audio_changes(const std::string& clip) {
  std::vector<Change> changes;
  for (const std::string name : {"loudness", "bass", "mid", "treble", "onset", "beat"})
    for (const std::string time : {"attack", "release"})
      changes.push_back({"audio." + name + "." + time, clip, "dream.step=1+" + name,
                         "audio." + name + "." + time + "=0.05"});
  changes.push_back({"audio.bpm", clip, "dream.step=1+0.1*beats", "audio.bpm=180"});
  changes.push_back({"audio.first_beat", clip, "dream.step={0beat: 1, 4beat: 2}", "audio.first_beat=3f"});
  changes.push_back({"audio.meter", clip, "dream.step={0bar: 1, 1bar: 2}", "audio.meter=3"});
  return changes;
}

bool is_group(const std::string& path) {
  return std::ranges::any_of(job::schema(),
                             [&](const auto& key) { return key.path.starts_with(path + "."); });
}

TEST(KeyClasses, HaveAPlaceForEveryKeyOfTheSchema) {
  for (const auto& key : job::schema())
    EXPECT_TRUE(class_of(key.path).has_value())
        << key.path << ": say in src/schedule/key_classes.cpp what it matters to";
  EXPECT_FALSE(class_of("dream.nothing").has_value());
}

TEST_F(Jobs, EveryKeyChangesTheKeysOfItsClassAndNoOthers) {
  std::vector<Change> all = other_changes(clip_, noise_, still_);
  const auto add = [&](std::vector<Change> changes, const std::string& text) {
    for (auto& change : changes) {
      if (change.text.empty()) change.text = text;
      all.push_back(std::move(change));
    }
  };
  add(mask_changes("dream.mask"), clip_);
  add(mask_changes("dream.objectives.N.mask"), clip_);
  add(objective_changes(), clip_);
  add(network_changes(), clip_);
  auto journeys = journey_changes();
  for (auto& change : journeys) change.key = "dream.journey." + change.key;
  add(journeys, "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n");
  add(scene_changes(), "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n");
  add(audio_changes(clip_), clip_);
  std::set<std::string> tried;
  for (const auto& [key, text, before, after] : all) {
    SCOPED_TRACE(key);
    tried.insert(key);
    std::vector<std::string> overrides;
    if (!before.empty()) overrides.push_back(before);
    const auto old = keys_of(World(job(text, overrides)));
    overrides.push_back(after);
    const auto now = keys_of(World(job(text, overrides)));
    const auto key_class = class_of(key);
    EXPECT_EQ(!changed(old.dream, now.dream).empty(),
              key_class == KeyClass::dream || key == "dream.mask.confine");
    EXPECT_EQ(!changed(old.shown, now.shown).empty(),
              key_class == KeyClass::dream || key_class == KeyClass::shown);
    EXPECT_EQ(!changed(old.parts, now.parts).empty(),
              key_class != KeyClass::finished && key_class != KeyClass::nothing);
  }
  for (const auto& key : job::schema()) {
    const bool has_no_value = is_group(key.path) || key.path == "extends" || key.path == "look" ||
                              key.path == "dream.journey.classes";
    EXPECT_TRUE(has_no_value || tried.contains(key.path)) << key.path << ": add a change of it to this test";
  }
}

TEST_F(Jobs, PicturesHoldTheirMetadata) {
  const auto changes_parts = [&](const std::string& path) {
    const std::string output = "output.path=" + path;
    const auto old = keys_of(World(job(clip_, {output})));
    return !changed(old.parts, keys_of(World(job(clip_, {output, "output.metadata=none"}))).parts).empty();
  };
  EXPECT_TRUE(changes_parts("out/%06d.png"));
  EXPECT_FALSE(changes_parts("out.mkv"));
}

TEST_F(Jobs, AKeyframeChangesTheFramesFromItsStretchOn) {
  const World before(job(clip_, {"temporal.cuts=none", "dream.step={0s: 1, 1s: 1, 1.5s: 2}"}));
  const World now(job(clip_, {"temporal.cuts=none", "dream.step={0s: 1, 1s: 1, 1.5s: 3}"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "25..47");
  EXPECT_THAT(changes({before.job, before.plan, before.time_of()}, {now.job, now.plan, now.time_of()}),
              ElementsAre("dream.step changes from frame 25 on"));
}

TEST_F(Jobs, ACurveWithTheSameValuesKeepsTheKeys) {
  const auto before = keys_of(World(job(clip_, {"dream.step=2", "camera.zoom=1.1"})));
  const auto now = keys_of(World(job(clip_, {"dream.step={0s: 2, 1s: 2}", "camera.zoom=\"1+0.1\""})));
  EXPECT_EQ(changed(before.parts, now.parts), "");
}

TEST_F(Jobs, AnotherShotKeepsItsKeys) {
  const auto before = keys_of(World(job(clip_, {"dream.step={0s: 1, 20f: 2}"})));
  const auto last = keys_of(World(job(clip_, {"dream.step={0s: {value: 1, ease: hold}, 20f: 3}"})));
  const auto first = keys_of(
      World(job(clip_, {"dream.step={0f: {value: 5, ease: hold}, 1f: {value: 1, ease: hold}, 20f: 3}"})));
  EXPECT_EQ(changed(last.dream, first.dream), "0..19");
  EXPECT_EQ(changed(before.dream, last.dream), "1..47");
}

TEST_F(Jobs, MoreFramesKeepTheKeysOfAllBeforeThem) {
  const auto before = keys_of(World(job(noise_)));
  const auto now = keys_of(World(job(noise_, {"input.noise.duration=60f"})));
  EXPECT_EQ(changed(before.dream, now.dream), "");
  EXPECT_EQ(changed(before.parts, now.parts), "");
  // The last part of a clip is encoded again, because its last frame may be shown for a different time.
  const auto shorter = keys_of(World(job(clip_, {"input.trim=[~, 36f]"})));
  const auto longer = keys_of(World(job(clip_)));
  EXPECT_EQ(changed(shorter.dream, longer.dream), "");
  EXPECT_EQ(changed(shorter.parts, longer.parts), "3..3");  // 0, 12, 20, 24
}

TEST_F(Jobs, WhatReadsTheLengthChangesWithItAndSaysSo) {
  const World before(job(noise_, {"camera.zoom=1+0.1*p", "dream.step=1+T/100"}));
  const World now(job(noise_, {"camera.zoom=1+0.1*p", "dream.step=1+T/100", "input.noise.duration=96f"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  EXPECT_THAT(
      changes({before.job, before.plan, before.time_of()}, {now.job, now.plan, now.time_of()}),
      ElementsAre(HasSubstr("duration: 96f"),
                  "dream.step changes from frame 0 on: it reads T, and the job is 4 s long, 2 s before",
                  "camera.zoom changes from frame 0 on: it reads p, and the job is 4 s long, 2 s before",
                  "the render ends with frame 95, before with frame 47"));
}

TEST_F(Jobs, TheSoundMattersWhereACurveReadsIt) {
  const auto quiet = keys_of(World(job(clip_))),
             other = keys_of(World(job(clip_, {"input.audio=another.flac"})));
  EXPECT_EQ(changed(quiet.parts, other.parts), "");
  const World before(job(clip_, {"dream.step=1+bass"}));
  const World now(job(clip_, {"dream.step=1+bass", "input.audio=another.flac"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  EXPECT_THAT(
      changes({before.job, before.plan, before.time_of()}, {now.job, now.plan, now.time_of()}),
      ElementsAre("the content of the file of input.audio", "dream.step reads the sound, which has changed"));
}

TEST_F(Jobs, OpacityIsInTheDreamWhereNothingElseLiesUnderIt) {
  const auto before = keys_of(World(job(noise_))), now = keys_of(World(job(noise_, {"dream.opacity=0.5"})));
  EXPECT_EQ(changed(before.dream, now.dream), "0..47");
}

TEST_F(Jobs, AFrameThatShowsItsDreamIsPlain) {
  const World fade(job(clip_, {"dream.opacity={0s: 0, 1s: 1}"}));
  const auto keys = fade.keys();
  EXPECT_FALSE(keys.of(23).is_plain);
  EXPECT_TRUE(keys.of(24).is_plain);
  EXPECT_EQ(keys.of(24).dream, keys.of(24).shown);
  EXPECT_TRUE(keys.of(23).can_be_shown_anew);
  EXPECT_FALSE(World(job(noise_, {"dream.opacity=0.5"})).keys().of(3).can_be_shown_anew);
}

TEST_F(Jobs, FramesThatAreFilledInHaveTheKeysOfBothSides) {
  const World before(job(
      clip_, {"temporal.every=4", "temporal.cuts=none", "dream.step={0s: {value: 1, ease: hold}, 12f: 2}"}));
  const World now(job(
      clip_, {"temporal.every=4", "temporal.cuts=none", "dream.step={0s: {value: 1, ease: hold}, 12f: 3}"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "9..47");  // 8 and 12 are dreamed
}

TEST_F(Jobs, TimesThatAreNotOnTheGridCount) {
  World before(job(clip_, {"dream.step={0s: {value: 1, ease: hold}, 1s: 2}"}));
  World late = before;
  for (std::int64_t frame = 0; frame < kClip; ++frame)
    late.plan.seconds.push_back(late.plan.clock.on_grid(frame) + (frame > 10 ? 0.5 : 0));
  late.plan.clock.has_grid = before.plan.clock.has_grid = false;
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(late).dream), "11..47");
}

TEST_F(Jobs, CurvesWhoseTimesAreNotKnownCountAsTheyAreWritten) {
  World before(job(clip_, {"dream.step=2"}));
  World now(job(clip_, {"dream.step=\"1+1\""}));
  before.plan.has_times = now.plan.has_times = false;
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
}

TEST_F(Jobs, AnotherVersionOrFileIsAnotherRender) {
  const World before(job(clip_));
  for (const auto change :
       {+[](Facts& facts) { facts.version = "2"; }, +[](Facts& facts) { facts.source = "x"; },
        +[](Facts& facts) { facts.network = "x"; }, +[](Facts& facts) { facts.source_end = "2s"; }}) {
    World now = before;
    change(now.plan.facts);
    EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  }
}

TEST_F(Jobs, PlacesOfFilesMatterToNothing) {
  World before(job(clip_)), now(job(clip_));
  now.job.input.path = "/elsewhere/clip.mkv";
  now.job.network.path = "/elsewhere/net.onnx";
  now.job.output.path = "/elsewhere/film.mkv";
  EXPECT_EQ(changed(keys_of(before).parts, keys_of(now).parts), "");
}

TEST_F(Jobs, FilledInFramesHaveKeysOfTheirOwnInEveryPiece) {
  const auto keys = keys_of(World(job(clip_, {"temporal.every=3"}))).dream;  // a cut at 20
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
}

TEST_F(Jobs, ALoopLeansOnItsRunIn) {
  const std::vector<std::string> loop{"output.loop={crossfade: 4f}", "temporal.cuts=none"};
  const World before(job(noise_, loop));
  auto now_overrides = loop;
  // Frame -1 stands for the last frame, so it has the curves of the last frame.
  now_overrides.push_back("dream.step={0f: {value: 1.5, ease: hold}, 47f: 2}");
  const World now(job(noise_, now_overrides));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  EXPECT_NE(before.keys().part_keys().at(-8), now.keys().part_keys().at(-8));
}

// Half an hour of frames, with curves of every kind.
TEST_F(Jobs, KeysOfAFilmTakeSecondsAtMost) {
  const World film(job(noise_, {"input.noise.duration=45000f", "camera.zoom=1+0.1*sin(t)",
                                "dream.step={0s: 1, 900s: 2, 1800s: 1}", "dream.octaves=4"}),
                   120);
  const auto begin = std::clock();  // processor time: the machine may be busy
  const auto parts = film.keys().part_keys();
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_EQ(parts.size(), 375U);
  std::printf("keys of 45,000 frames: %.3f s\n", seconds);
  EXPECT_LT(seconds, 5);  // 0.3 s with optimisation
}

TEST(InWords, SaysWhatHappensToWhichFrames) {
  const std::vector<Piece> pieces{{0, 0, 720, 0}};
  Outstanding left;
  EXPECT_EQ(in_words(left, pieces), "frames 0 to 719 are kept");
  left.tasks = {{pieces[0], 240, 288, 720, 287, 719, 287}};
  EXPECT_EQ(in_words(left, pieces),
            "frames 288 to 719 are rendered, 240 to 287 encoded again, 0 to 239 kept");
  left.tasks = {{pieces[0], 0, 720, 720, 719, 719, 719}};
  EXPECT_EQ(in_words(left, pieces), "frames 0 to 719 are encoded again");
  left.tasks = {{pieces[0], 0, 0, 120, 0, 119, 0}, {pieces[0], 719, 719, 720, 718, 719, 718}};
  EXPECT_EQ(in_words(left, pieces), "frames 0 to 119, 719 are rendered, 120 to 718 kept");
}

}  // namespace
}  // namespace dreamreel::schedule
