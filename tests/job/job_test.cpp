#include "dreamreel/job/job.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "dreamreel/job/curves.h"
#include "dreamreel/job/schema.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kMinimal;

TimePoint seconds(double value) {
  return {value, TimePoint::Unit::seconds};
}
TimePoint frames(double value) {
  return {value, TimePoint::Unit::frames};
}

// Every key once, each with a value that is not the default.
const char* const kEveryKey = R"(input:
  path: clip.mp4
  trim: [1s, 96f]
  filter: "yadif,scale=1280:-2"
  audio: sound/song.flac
  audio_start: 2s
  fps: 30000/1001
  duration: 00:04.5
output:
  path: out/clip.mp4
  video: {codec: libx265, pixel_format: yuv420p10le, options: {crf: 16, x265-params: "aq-mode=3:log-level=1"}}
  audio: none
  audio_bitrate: 320k
  first_number: 1001
  metadata: name
  loop: {crossfade: 12f}
network:
  {path: my.onnx, order: bgr, scale: 255, mean: [104, 117, 123], std: [1, 2, 3], labels: names.txt,
   ablate: [{layer: mixed2, random: 0.5, amount: {0s: 0, 4s: 1}}, {layer: mixed3, channels: [1, 4..6]}]}
networks: {other: {path: other.onnx, ablate: [{layer: a, channels: [0]}]}}
device: cuda:1
precision: bf16
seed: 18446744073709551615
dream:
  objectives:
    - {layer: mixed3, weight: {0s: -1, 4s: {value: 1.4, ease: in_out}, 96f: 0.1},
       mask: {path: m.png, feather: 4}}
    - {layer: "odd: name"}
  octaves: {0s: 2, 2s: 6}
  octave_scale: 1.25
  iterations: 20
  step: 0.75
  strength: 0.75
  jitter: 16
  opacity: {00:01.5: 0.5}
  balance: true
  mask: {from: chroma, colour: "#00b140", tolerance: 0.2, softness: 0.1, invert: true, feather: 3,
         confine: false}
temporal: {flow: farneback, carry: image, blend: 0.5, occlusion: false, iterations: 7, noise: 0.02,
           noise_motion: carried, cuts: none}
camera:
  zoom: {0s: {value: 1, ease: hold}, 1.5s: {value: 2, ease: smooth}, 2s: 3}
  rotate: -90
  pan: [0.25, {0s: 0, 1s: -1}]
  pivot: [0, 1]
  border: wrap
colour: {match: source, strength: 0.5, chroma: source, contrast_limit: 20, saturation_limit: 30}
audio:
  loudness: {attack: 0.1, release: 1}
  bass: {attack: 0.02, release: 0.5}
  mid: {attack: 0.03, release: 0.6}
  treble: {attack: 0.04, release: 0.7}
  onset: {attack: 0.05, release: 0.8}
  beat: {attack: 0.06, release: 0}
  bpm: [160, 190.5]
  first_beat: 120ms
  meter: 3
)";

TEST(Paths, ATildeIsTheHomeFolder) {
  const test::JobFolder folder;
  const char* const home = std::getenv("HOME");
  ASSERT_NE(home, nullptr);
  const Job job = folder.load_text(
      "network: net\ninput: {path: \"~/a b.mp4\"}\noutput: {path: \"./~/o\"}\ndream: {objectives: [{layer: "
      "a}]}\n");
  EXPECT_EQ(job.input.path, std::filesystem::path(home) / "a b.mp4");
  EXPECT_EQ(job.output.path, folder.path("~/o"));
}

TEST(LoadJob, ReadsEveryKey) {
  const JobFolder folder;
  const Job job = folder.load_text(kEveryKey);
  EXPECT_EQ(job.file, folder.path("job.yaml"));
  EXPECT_EQ(job.input.path, folder.path("clip.mp4"));
  EXPECT_EQ(job.input.noise, std::nullopt);
  EXPECT_EQ(job.input.trim_start, seconds(1));
  EXPECT_EQ(job.input.trim_end, frames(96));
  EXPECT_EQ(job.input.filter, "yadif,scale=1280:-2");
  EXPECT_EQ(job.input.audio, folder.path("sound/song.flac"));
  EXPECT_EQ(job.input.audio_start, seconds(2));
  EXPECT_EQ(job.input.fps, (Rational{30000, 1001}));
  EXPECT_EQ(job.input.duration, seconds(4.5));
  EXPECT_EQ(job.output.path, folder.path("out/clip.mp4"));
  EXPECT_EQ(job.output.codec, "libx265");
  EXPECT_EQ(job.output.pixel_format, "yuv420p10le");
  const std::map<std::string, std::string> codec_options{{"crf", "16"},
                                                         {"x265-params", "aq-mode=3:log-level=1"}};
  EXPECT_EQ(job.output.codec_options, codec_options);
  EXPECT_EQ(job.output.audio, Output::Audio::none);
  EXPECT_EQ(job.output.audio_bitrate, 320'000);
  EXPECT_EQ(job.output.first_number, 1001);
  EXPECT_EQ(job.output.metadata, Output::Metadata::name);
  ASSERT_TRUE(job.output.loop);
  EXPECT_EQ(job.output.loop->crossfade, frames(12));
  EXPECT_EQ(job.device, "cuda:1");
  EXPECT_EQ(job.precision, Precision::bf16);
  EXPECT_EQ(job.seed, 18446744073709551615U);
}

TEST(LoadJob, ReadsEveryKeyOfTheDream) {
  const JobFolder folder;
  const Job job = folder.load_text(kEveryKey);
  using curve::Ease;
  ASSERT_EQ(job.dream.objectives.size(), 2U);
  EXPECT_EQ(job.dream.objectives[0].layer, "mixed3");
  EXPECT_EQ(job.dream.objectives[0].weight,
            Curve({{seconds(0), -1}, {seconds(4), 1.4, Ease::in_out}, {frames(96), 0.1}}));
  EXPECT_EQ(job.dream.objectives[1], (LayerObjective{"odd: name", 1}));
  EXPECT_EQ(job.dream.octaves, Curve({{seconds(0), 2}, {seconds(2), 6}}));
  EXPECT_EQ(job.dream.octave_scale, Curve(1.25));
  EXPECT_EQ(job.dream.iterations, Curve(20));
  EXPECT_EQ(job.dream.step, Curve(0.75));
  EXPECT_EQ(job.dream.strength, Curve(0.75));
  EXPECT_EQ(job.dream.jitter, Curve(16));
  EXPECT_EQ(job.dream.opacity, Curve({{seconds(1.5), 0.5}}));
  Temporal temporal;
  temporal.flow = Temporal::Flow::farneback;
  temporal.carry = Temporal::Carry::image;
  temporal.blend = 0.5;
  temporal.occlusion = false;
  temporal.iterations = 7;
  temporal.step = 0.5;
  temporal.noise = 0.02;
  temporal.noise_motion = Temporal::NoiseMotion::carried;
  temporal.cuts = Cuts{false};
  EXPECT_EQ(job.temporal, temporal);
  EXPECT_EQ(job.camera.zoom,
            Curve({{seconds(0), 1, Ease::hold}, {seconds(1.5), 2, Ease::smooth}, {seconds(2), 3}}));
  EXPECT_EQ(job.camera.rotate, Curve(-90));
  EXPECT_EQ(job.camera.pan_x, Curve(0.25));
  EXPECT_EQ(job.camera.pan_y, Curve({{seconds(0), 0}, {seconds(1), -1}}));
  EXPECT_EQ(job.camera.pivot_x, Curve(0));
  EXPECT_EQ(job.camera.pivot_y, Curve(1));
  EXPECT_EQ(job.camera.border, Camera::Border::wrap);
}

TEST(LoadJob, ReadsHowTheSoundIsSmoothed) {
  const JobFolder folder;
  const Audio all{{0.1, 1},
                  {0.02, 0.5},
                  {0.03, 0.6},
                  {0.04, 0.7},
                  {0.05, 0.8},
                  {0.06, 0},
                  TempoRange{160, 190.5},
                  TimePoint{0.12, TimePoint::Unit::seconds},
                  3};
  EXPECT_EQ(folder.load_text(kEveryKey).audio, all);
  Audio expected;
  expected.bass.release_seconds = 0.5;
  EXPECT_EQ(folder.load_text(kMinimal + "audio: {bass: {release: 0.5}}\n").audio, expected);
  EXPECT_EQ(folder.errors_of(kMinimal + "audio: {bas: {}, mid: {attack: -1}}\n"),
            "job.yaml:5: audio.bas: unknown key; did you mean 'bass' or 'beat'?\n"
            "job.yaml:5: audio.mid.attack: expected a number from 0 to 60, got -1");
}

TEST(LoadJob, ListsEveryCurveUnderItsKey) {
  const JobFolder folder;
  Job job = folder.load_text(kEveryKey);
  std::map<std::string, const Curve*> found;
  for (const auto& named : list_curves(job))
    EXPECT_TRUE(found.emplace(named.path, named.curve).second) << named.path;
  EXPECT_EQ(found.at("dream.objectives.0.weight"), &job.dream.objectives[0].weight);
  EXPECT_EQ(found.at("dream.objectives.1.weight"), &job.dream.objectives[1].weight);
  EXPECT_EQ(found.at("temporal.blend"), &job.temporal.blend);
  EXPECT_EQ(found.at("camera.pan.0"), &job.camera.pan_x);
  EXPECT_EQ(found.at("camera.pan.1"), &job.camera.pan_y);
  // The list contains every key that takes keyframes according to the reference page. Some keys of an
  // objective belong to one of these kinds alone.
  std::set<std::string> listed;
  for (const auto kind : {ObjectiveKind::neuron, ObjectiveKind::logit}) {
    job.dream.objectives[0].kind = kind;
    for (const auto& named : list_curves(job)) listed.insert(named.path);
  }
  for (const auto& key : schema()) {
    if (key.type.find("keyframes") == std::string::npos) continue;
    std::string path = key.path;
    if (const auto number = path.find(".N."); number != std::string::npos) path.replace(number, 3, ".0.");
    const bool is_pair = key.type.starts_with("[");
    EXPECT_TRUE(listed.contains(is_pair ? path + ".0" : path)) << key.path;
  }
}

TEST(LoadJob, ALoopIsTrueOrAMap) {
  const JobFolder folder;
  const auto loop = [&](const std::string& text) {
    return folder.load_text("network: net\ninput: {path: a}\noutput: {path: b, loop: " + text +
                            "}\ndream: {objectives: [{layer: a}]}\n");
  };
  EXPECT_EQ(loop("true").output.loop, Output::Loop{});
  EXPECT_EQ(loop("{}").output.loop, Output::Loop{});
  EXPECT_EQ(loop("false").output.loop, std::nullopt);
  EXPECT_EQ(loop("~").output.loop, std::nullopt);
  EXPECT_EQ(loop("{crossfade: 1.5s}").output.loop, Output::Loop{seconds(1.5)});
  EXPECT_NE(to_yaml(loop("true")).find("  loop: true\n"), std::string::npos);
}

TEST(LoadJob, ReadsNoise) {
  const JobFolder folder;
  const Job job = folder.load_text(
      "network: net\ninput: {noise: {size: 64x48, fps: 12, duration: 24f}}\noutput: {path: o.mp4}\n"
      "dream: {objectives: [{layer: a}]}\n");
  EXPECT_TRUE(job.input.path.empty());
  EXPECT_EQ(job.input.noise, (NoiseInput{64, 48, {12, 1}, frames(24)}));
}

TEST(LoadJob, TrimMayBeOpenOnEitherSide) {
  const JobFolder folder;
  const auto trimmed = [&](const std::string& trim) {
    return folder.load_text("network: net\ninput: {path: a, trim: " + trim +
                            "}\noutput: {path: b}\ndream: {objectives: [{layer: a}]}\n");
  };
  EXPECT_EQ(trimmed("[~, 00:02.5]").input.trim_start, std::nullopt);
  EXPECT_EQ(trimmed("[~, 00:02.5]").input.trim_end, seconds(2.5));
  EXPECT_EQ(trimmed("[48f, ~]").input.trim_start, frames(48));
  EXPECT_EQ(trimmed("[48f, ~]").input.trim_end, std::nullopt);
  EXPECT_EQ(trimmed("[96f, 1s]").input.trim_start, frames(96))
      << "frames and seconds cannot be compared here";
}

TEST(LoadJob, AMinimalJobHasTheDefaultsOfTheStructs) {
  const JobFolder folder;
  const Job job = folder.load_text(kMinimal);
  Job expected;
  expected.file = folder.path("job.yaml");
  expected.input.path = folder.path("in.mp4");
  expected.output.path = folder.path("out.mp4");
  expected.network = cards::find_network("net", folder.options);
  expected.dream.objectives = {{"a", 1}};
  expected.dream.gradient.decorrelate = 1;  // filled in, because it depends on the parameterization
  EXPECT_EQ(job, expected);
}

// The resolved minimal job contains every default exactly as the reference page has it.
TEST(LoadJob, AMinimalJobHasTheDefaultsOfTheReference) {
  const JobFolder folder;
  const std::string yaml = to_yaml(folder.load_text(kMinimal));
  int checked = 0;
  for (const auto& key : schema()) {
    const bool always_written = !key.default_text.empty() && key.path != "network" &&
                                !key.path.starts_with("network.") && !key.path.starts_with("input.noise.") &&
                                !key.path.starts_with("dream.objectives.") &&
                                !key.path.starts_with("audio.") && !key.path.starts_with("dream.journey.") &&
                                !key.path.starts_with("dream.mask.") && !key.path.starts_with("series.") &&
                                !key.path.starts_with("outputs.");
    if (!always_written) continue;
    const std::string name = key.path.substr(key.path.rfind('.') + 1);
    EXPECT_NE(yaml.find(name + ": " + key.default_text + "\n"), std::string::npos) << key.path << "\n"
                                                                                   << yaml;
    ++checked;
  }
  EXPECT_EQ(checked, 63) << "the keys with a default outside lists and optional maps";
}

TEST(LoadJob, LaterIterationsNeverExceedTheFirstByDefault) {
  const JobFolder folder;
  const auto iterations = [&](const std::string& keys) {
    return folder.load_text(test::with_dream(keys)).temporal.iterations;
  };
  EXPECT_EQ(iterations("iterations: 10"), Curve(3));
  EXPECT_EQ(iterations("iterations: 3"), Curve(3));
  EXPECT_EQ(iterations("iterations: {0s: 1, 4s: 2}"), Curve({{seconds(0), 1}, {seconds(4), 2}}));
  EXPECT_EQ(iterations("iterations: {0s: 1, 4s: 12}"), Curve(3));
  EXPECT_EQ(folder.load_text(kMinimal + "temporal: {iterations: 50}\n").temporal.iterations, Curve(50));
}

// A spectrum has decorrelated colours already. Noise has no colours of its own, and would stay grey at 1.
TEST(LoadJob, ColoursVaryTogetherByDefaultExceptInASpectrumAndLessOutOfNoise) {
  JobFolder folder;
  const auto decorrelate = [&](const std::string& keys) {
    return folder.load_text(test::with_dream(keys)).dream.gradient.decorrelate;
  };
  EXPECT_EQ(decorrelate("step: 1"), Curve(1));
  EXPECT_EQ(decorrelate("gradient: {laplacian: 4}"), Curve(1));
  EXPECT_EQ(decorrelate("gradient: {decorrelate: 0}"), Curve(0)) << "the old palette";
  EXPECT_EQ(decorrelate("parameterization: fourier"), Curve(0));
  EXPECT_EQ(decorrelate("parameterization: spectrum"), Curve(0));
  EXPECT_EQ(decorrelate("parameterization: fourier, gradient: {decorrelate: ~, smooth: 1}"), Curve(0));
  EXPECT_EQ(decorrelate("parameterization: fourier, gradient: {decorrelate: 0.5}"), Curve(0.5));
  folder.options.overrides = {"input={path: ~, noise: {}}"};
  EXPECT_EQ(decorrelate("gradient: {laplacian: 4}"), Curve(0.6));
  EXPECT_EQ(decorrelate("gradient: {decorrelate: 1}"), Curve(1));
  EXPECT_EQ(decorrelate("parameterization: fourier"), Curve(0));
}

TEST(LoadJob, TheFileItselfMissingIsAnInputError) {
  const JobFolder folder;
  try {
    folder.load("absent.yaml");
    FAIL() << "expected an InputError";
  } catch (const InputError& error) {
    EXPECT_EQ(folder.without_folder(error.what()), "absent.yaml: cannot be read: No such file or directory");
  }
  EXPECT_THROW(folder.load("cards"), InputError) << "a folder is no file";
}

class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, ToYamlLoadsBackToTheSameJob) {
  const JobFolder folder;
  const Job job = folder.load_text(GetParam());
  const std::string yaml = to_yaml(job);
  folder.write("elsewhere/again.yaml", yaml);
  Job again = folder.load("elsewhere/again.yaml");
  EXPECT_EQ(to_yaml(again), yaml);
  again.file = job.file;
  EXPECT_EQ(again, job) << yaml;
}

INSTANTIATE_TEST_SUITE_P(
    LoadJob, RoundTrip,
    testing::Values(
        kEveryKey, kMinimal.c_str(),
        "network: net\ninput: {noise: {}, trim: [~, 1s]}\noutput: {path: o%04d.png, loop: true}\n"
        "dream: {objectives: [{layer: 'null'}, {layer: ' x '}, {layer: \"tab\\there\"}, {layer: '~'}]}\n",
        "network: bare.onnx\ninput: {path: 'a: b #c.mp4', filter: \"'[in]' {x}, %d\"}\n"
        "output: {path: \"\\u00fc\\u6f22.mp4\"}\n"
        "dream: {objectives: [{layer: a, weight: 0.1}], step: 1e-7, opacity: 0.30000000000000004}\n"
        "camera: {rotate: -99999.5}\n"));

}  // namespace
}  // namespace dreamreel::job
