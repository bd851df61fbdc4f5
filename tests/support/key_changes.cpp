#include "support/key_changes.h"

#include <utility>

namespace dreamreel::test {
namespace {

// Settings of objective 0 beside its layer, or of a mask.
std::string with_objective(const std::string& rest) {
  return "dream.objectives=[{layer: a, " + rest + "}]";
}

std::vector<KeyChange> mask_changes(const std::string& mask) {
  const bool is_whole = mask == "dream.mask";
  const auto set = [&](const std::string& map) {
    return is_whole ? "dream.mask={confine: false, " + map + "}" : with_objective("mask: {" + map + "}");
  };
  std::vector<KeyChange> changes{
      {"path", "", set("path: m.png"), set("path: other.png")},
      {"channel", "", set("path: m.png"), set("path: m.png, channel: alpha")},
      {"start", "", set("path: m.mkv"), set("path: m.mkv, start: 1s")},
      {"from", "", set("from: alpha"), set("from: luma, range: [0, 1]")},
      {"range", "", set("from: luma, range: [0, 0.5]"), set("from: luma, range: [0, 0.6]")},
      {"colour", "", set("from: chroma, colour: \"#00b140\""), set("from: chroma, colour: \"#00b141\"")},
      {"tolerance", "", set("from: chroma, colour: \"#00b140\""),
       set("from: chroma, colour: \"#00b140\", tolerance: 0.2")},
      {"softness", "", set("from: luma, range: [0, 1]"), set("from: luma, range: [0, 1], softness: 0.3")},
      {"relative", "", set("from: motion"), set("from: motion, relative: true")},
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

std::vector<KeyChange> objective_changes() {
  const std::string guide = "kind: guide, image: a.png";
  std::vector<KeyChange> changes{
      {"layer", "", "dream.objectives=[{layer: a}]", "dream.objectives=[{layer: b}]"},
      {"weight", "", with_objective("weight: 1"), with_objective("weight: 2")},
      {"kind", "", with_objective("kind: energy"), with_objective("kind: mean")},
      {"network", "", with_objective("weight: 1"), with_objective("network: other.onnx")},
      {"channels", "", with_objective("kind: channels, channels: [3]"),
       with_objective("kind: channels, channels: [3, 5..7]")},
      {"at", "", with_objective("kind: neuron, channels: [3]"),
       with_objective("kind: neuron, channels: [3], at: [0.5, 0.6]")},
      {"class", "", with_objective("kind: logit, class: 3"), with_objective("kind: logit, class: 4")},
      {"image", "", with_objective(guide), with_objective("kind: guide, image: b.png")},
      {"images", "", with_objective("kind: guide, images: [a.png, b.png]"),
       with_objective("kind: guide, images: [a.png, c.png]")},
      {"size", "", with_objective(guide), with_objective(guide + ", size: 64")},
      {"match", "", with_objective(guide), with_objective(guide + ", match: mean")},
      {"selectivity", "", with_objective(guide), with_objective(guide + ", selectivity: 2")},
      {"rivals", "", with_objective("kind: logit, class: 3"),
       with_objective("kind: logit, class: 3, rivals: 0.5")},
      {"vector", "", with_objective("kind: direction, vector: [1, 2]"),
       with_objective("kind: direction, vector: [1, 3]")},
  };
  for (auto& change : changes) change.key = "dream.objectives.N." + change.key;
  return changes;
}

std::vector<KeyChange> network_changes() {
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
std::vector<KeyChange> journey_changes() {
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

std::vector<KeyChange> other_changes(const std::string& clip, const std::string& noise,
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
      {"output.first_number", clip, "output.path=out_%04d.png", "output.first_number=1001"},
      {"output.preset", clip, "", "output.preset=archive"},
      {"output.loop.crossfade", clip, "output.loop={crossfade: 4f}", "output.loop={crossfade: 5f}"},
      {"device", clip, "", "device=cpu"},
      {"precision", clip, "", "precision=fp32"},
      {"executor", clip, "", "executor=direct"},
      {"seed", clip, "", "seed=2"},
      {"dream.balance", clip, "", "dream.balance=true"},
      {"dream.octaves", clip, "", "dream.octaves=2"},
      {"dream.draft", clip, "", "dream.draft=2"},
      {"dream.motif", clip, "", "dream.motif=0.3"},
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
      {"dream.show_masks", clip, "dream.mask={path: m.png}", "dream.show_masks=true"},
      {"temporal.flow", clip, "", "temporal.flow=none"},
      {"temporal.carry", clip, "", "temporal.carry=image"},
      {"temporal.at_fps", clip, "", "temporal.at_fps=12"},
      {"temporal.blend", clip, "", "temporal.blend=0.8"},
      {"temporal.occlusion", clip, "", "temporal.occlusion=false"},
      {"temporal.every", clip, "", "temporal.every=2"},
      {"temporal.hold", clip, "", "temporal.hold=true"},
      {"temporal.iterations", clip, "", "temporal.iterations=4"},
      {"temporal.step", clip, "", "temporal.step=0.6"},
      {"temporal.warmup", clip, "", "temporal.warmup=1"},
      {"temporal.noise", noise, "", "temporal.noise=0.1"},
      {"temporal.noise_motion", noise, "", "temporal.noise_motion=carried"},
      {"temporal.sharpen", noise, "", "temporal.sharpen=0.1"},
      {"temporal.marks", clip, "", "temporal.marks=true"},
      {"temporal.calm", clip, "", "temporal.calm=0.5"},
      {"temporal.memory", clip, "", "temporal.memory=24"},
      {"temporal.passes", clip, "", "temporal.passes=2"},
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

std::vector<KeyChange> scene_changes() {
  const auto set = [](const std::string& from, const std::string& look) {
    return "scenes=[{from: 0s, look: agate}, {from: " + from + ", look: " + look + "}]";
  };
  return {{"scenes.N.from", "", set("1s", "argus"), set("1.5s", "argus")},
          {"scenes.N.look", "", set("1s", "argus"), set("1s", "starry")},
          {"scenes.N.crossfade", "", set("1s", "argus, crossfade: 4f"), set("1s", "argus, crossfade: 6f")}};
}

// Of two outputs: the parts hold the frames themselves.
std::vector<KeyChange> output_changes() {
  const auto set = [](const std::string& rest) {
    return "outputs=[{path: a.mkv}, {path: b_%04d.png" + rest + "}]";
  };
  std::vector<KeyChange> changes{{"outputs.N.path", "", set(""), "outputs=[{path: a.mkv}, {path: c.mkv}]"}};
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"preset", "png16"},
                                                        {"first_number", "1001"},
                                                        {"video.codec", "tiff"},
                                                        {"video.pixel_format", "rgb24"},
                                                        {"video.options", "{pred: mixed}"},
                                                        {"audio", "none"},
                                                        {"audio_bitrate", "320k"},
                                                        {"metadata", "none"}}) {
    const bool is_video = key.starts_with("video.");
    changes.push_back(
        {"outputs.N." + key, "", set(""),
         set(is_video ? ", video: {" + key.substr(6) + ": " + value + "}" : ", " + key + ": " + value)});
  }
  return changes;
}

std::vector<KeyChange> audio_changes(const std::string& clip) {
  std::vector<KeyChange> changes;
  for (const std::string name : {"loudness", "bass", "mid", "treble", "onset", "beat"})
    for (const std::string time : {"attack", "release"})
      changes.push_back({"audio." + name + "." + time, clip, "dream.step=1+" + name,
                         "audio." + name + "." + time + "=0.05"});
  changes.push_back({"audio.bpm", clip, "dream.step=1+0.1*beats", "audio.bpm=180"});
  changes.push_back({"audio.first_beat", clip, "dream.step={0beat: 1, 4beat: 2}", "audio.first_beat=3f"});
  changes.push_back({"audio.meter", clip, "dream.step={0bar: 1, 1bar: 2}", "audio.meter=3"});
  return changes;
}

std::vector<KeyChange> own_changes(const std::string& clip) {
  const auto set = [](const std::string& rest) { return "series={knob: {file: a.csv" + rest + "}}"; };
  const std::string text = clip + "series: {knob: a.csv}\n";
  std::vector<KeyChange> changes{
      {"series.NAME", "", "dream.step=1+knob", "series={knob: b.csv}"},
      {"series.NAME.file", "", "dream.step=1+knob", "series={knob: {file: b.csv}}"},
  };
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"column", "x"},
                                                                                   {"time_column", "2"},
                                                                                   {"time", "frames"},
                                                                                   {"rate", "20"},
                                                                                   {"list", "x"},
                                                                                   {"interpolation", "hold"}})
    changes.push_back({"series.NAME." + key, "", "dream.step=1+knob", set(", " + key + ": " + value)});
  for (auto& change : changes) change.text = text;
  changes.push_back({"audio.stems", clip + "audio: {stems: {drums: a.wav}}\n", "dream.step=1+drums.onset",
                     "audio.stems={drums: b.wav}"});
  return changes;
}

}  // namespace

std::vector<KeyChange> all_key_changes() {
  const std::string bare = "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n";
  std::vector<KeyChange> all = other_changes(kClipJob, kNoiseJob, kStillJob);
  const auto add = [&](std::vector<KeyChange> changes, const std::string& text) {
    for (auto& change : changes) {
      if (change.text.empty()) change.text = text;
      all.push_back(std::move(change));
    }
  };
  add(mask_changes("dream.mask"), kClipJob);
  add(mask_changes("dream.objectives.N.mask"), kClipJob);
  add(objective_changes(), kClipJob);
  add(network_changes(), kClipJob);
  auto journeys = journey_changes();
  for (auto& change : journeys) change.key = "dream.journey." + change.key;
  add(journeys, bare);
  add(scene_changes(), bare);
  add(output_changes(), kClipJob);
  add(audio_changes(kClipJob), kClipJob);
  add(own_changes(kClipJob), kClipJob);
  return all;
}

}  // namespace dreamreel::test
