#include "dreamreel/job/schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "cuts_type.h"
#include "dream_schema.h"
#include "journey.h"
#include "mask_schema.h"
#include "objective_schema.h"
#include "octaves_key.h"
#include "outputs.h"
#include "preset.h"
#include "scenes.h"
#include "tables.h"

namespace dreamreel::job {
namespace {

// "1280x720"
bool parse_size(std::string_view text, int& width, int& height) {
  constexpr int kLargest = 16384;
  const char* const end = text.data() + text.size();
  const auto w = std::from_chars(text.data(), end, width);
  if (w.ec != std::errc{} || w.ptr == end || *w.ptr != 'x') return false;
  const auto h = std::from_chars(w.ptr + 1, end, height);
  return h.ec == std::errc{} && h.ptr == end && width >= 1 && height >= 1 && width <= kLargest &&
         height <= kLargest;
}

Table<NoiseInput> noise_table() {
  const std::string size = "WIDTHxHEIGHT, each from 1 to 16384";
  return {
      custom<NoiseInput>(
          {"size", size, "", "pixels", "Size of the frames."},
          [=](const Site& site, NoiseInput& noise) {
            int width = 0, height = 0;
            if (!parse_size(site.value.text, width, height)) return site.expected(size);
            noise.width = width;
            noise.height = height;
          },
          [](const NoiseInput& noise) {
            return Value::scalar(fmt::format("{}x{}", noise.width, noise.height));
          }),
      field<NoiseInput>("fps", &NoiseInput::fps, RateType{}, "frames a second", "Frame rate."),
      field<NoiseInput>("duration", &NoiseInput::duration, TimeType{true}, "", "Length of the video."),
  };
}

void read_trim(const Site& site, Input& input) {
  const auto& items = site.value.items;
  if (!site.value.is_list() || items.size() != 2)
    return site.expected("[start, end] such as [2s, 0:10], where ~ leaves an end open");
  const auto read = [&](std::size_t i, bool positive) -> std::optional<TimePoint> {
    if (items[i].is_null()) return {};
    return TimeType{positive}.read(site.at(std::to_string(i), items[i]));
  };
  input.trim_start = read(0, false);
  input.trim_end = read(1, true);
  const auto& [start, end] = std::tie(input.trim_start, input.trim_end);
  if (start && end && start->unit == end->unit && start->value >= end->value)
    site.problem(
        fmt::format("expected a start before the end, got [{}, {}]", to_string(*start), to_string(*end)));
}

Value write_trim(const Input& input) {
  if (!input.trim_start && !input.trim_end) return {};
  const auto write = [](const auto& time) { return time ? TimeType{}.write(*time) : Value{}; };
  return flow_list({write(input.trim_start), write(input.trim_end)});
}

Table<Input> input_table() {
  return {
      field<Input>("path", &Input::path, PathType{}, "",
                   "A video, a still, or numbered frames (`frames/%06d.png`)."),
      optional_section<Input>("noise", &Input::noise, noise_table(), "Plain noise in place of `input.path`."),
      custom<Input>({"trim", "[start, end], either of them ~ for open", "", "",
                     "The part to use: from start up to, not including, end."},
                    read_trim, write_trim),
      field<Input>(
          "filter", &Input::filter, TextType{"a chain of libavfilter filters"}, "",
          "Applied to the source before anything else, e.g. `yadif,scale=1280:-2`. Which filters a job may "
          "use is in [trust.md](trust.md#filters)."),
      field<Input>("audio", &Input::audio, PathType{}, "", "Sound in place of the source's own."),
      field<Input>("audio_start", &Input::audio_start, TimeType{}, "",
                   "Where in the sound of `input.audio` the first frame is, after `input.trim`."),
      field<Input>("fps", &Input::fps, RateType{}, "frames a second",
                   "Frame rate of a still or of numbered frames."),
      field<Input>("duration", &Input::duration, TimeType{true}, "",
                   "Makes a still a video of this length, by feeding each frame into the next."),
  };
}

Table<Output> video_table() {
  return {
      field<Output>("codec", &Output::codec, TextType{"the name of an FFmpeg encoder"}, "",
                    "Encoder; left out, the one that suits the container."),
      field<Output>("pixel_format", &Output::pixel_format, TextType{"the name of an FFmpeg pixel format"}, "",
                    "Left out, the nearest to the source's that the encoder takes. Of two, such as "
                    "`gbrp16le/gbrap16le`, the second is for a source with alpha."),
      [] {
        auto row = field<Output>("options", &Output::codec_options, OptionsType{}, "",
                                 "Handed to the encoder, e.g. `{crf: 16}`; unknown ones and "
                                 "[those that name files](trust.md#encoder-options) are refused.");
        row.info.merges = true;
        return row;
      }(),
  };
}

Table<Output::Loop> loop_table() {
  return {
      field<Output::Loop>(
          "crossfade", &Output::Loop::crossfade, TimeType{true}, "",
          "How long the end takes to become what led to the beginning: from two frames to a "
          "third of the length. Left out, one second, or the third where that is less; of a clip, "
          "up to a quarter more or less, as is smoothest."),
  };
}

// `true`, or a map.
Row<Output> loop_row() {
  const std::string what = "true, false or a map with the key crossfade";
  auto row = optional_section<Output>("loop", &Output::loop, loop_table(),
                                      "The last frame leads into the first, so that the video can be played "
                                      "for ever; see [loops](#loops).");
  row.info.type = what;
  row.info.shape = {};
  row.read = [what, read_map = row.read](const Site& site, Output& output) {
    if (site.value.is_map()) return read_map(site, output);
    if (site.value.is_list()) return site.expected(what);
    if (const auto wanted = BoolType{}.read(site); wanted && *wanted) output.loop.emplace();
  };
  row.write = [write_map = row.write](const Output& output) {
    if (output.loop && !output.loop->crossfade) return BoolType{}.write(true);
    return write_map(output);
  };
  return row;
}

Table<Output> output_table() {
  return {
      required(field<Output>("path", &Output::path, PathType{}, "",
                             "A video, or numbered frames (`out/%06d.png`), or a picture for a still.")),
      preset_row(),
      field<Output>("first_number", &Output::first_number, SizeType{1'000'000'000, 0}, "",
                    "The number of frame 0 in numbered pictures: 1001 begins with `out/001001.png`."),
      section<Output>("video", std::identity{}, video_table(), "The encoder."),
      field<Output>("audio", &Output::audio,
                    ChoiceType<Output::Audio>{{{"copy", Output::Audio::copy}, {"none", Output::Audio::none}}},
                    "", "Take the sound along, or leave it out."),
      field<Output>(
          "audio_bitrate", &Output::audio_bitrate, BitrateType{}, "bits a second",
          "Of sound that the file cannot hold as it is, and that is encoded anew for it: `320k`. Left "
          "out, 96k for each channel."),
      field<Output>("metadata", &Output::metadata,
                    ChoiceType<Output::Metadata>{{{"job", Output::Metadata::job},
                                                  {"name", Output::Metadata::name},
                                                  {"none", Output::Metadata::none}}},
                    "",
                    "What the file says of its making: the whole job with the paths of this machine, which "
                    "`dreamreel info` prints; the job file's name; or nothing."),
      loop_row(),
  };
}

Table<Dream> dream_table() {
  return {
      [] {
        auto row = list<Dream>(
            "objectives", &Dream::objectives, objective_table(),
            "What to climb towards. Left out, it is a `dream.journey`, or the layers that the network's "
            "card recommends.",
            check_objective);
        row.info.required = false;
        return row;
      }(),
      journey_row(),
      field<Dream>(
          "balance", &Dream::balance, BoolType{}, "",
          "Weights count for the same pull on the picture, whatever the size of a layer's gradients. A "
          "journey switches it on."),
      octaves_row(),
      motif_row(),
      field<Dream>("octave_scale", &Dream::octave_scale, CurveType{{1, 4, true}}, "",
                   "Size of a level relative to the next smaller one."),
      field<Dream>("iterations", &Dream::iterations, CurveType{{0, 1000, false, true}}, "",
                   "Steps per octave, on the first frame of a shot."),
      field<Dream>("step", &Dream::step, CurveType{{0, 100}}, "8-bit levels",
                   "Mean change of a pixel in one step."),
      field<Dream>("jitter", &Dream::jitter, CurveType{{0, 512, false, true}}, "pixels",
                   "Largest random shift before a step; hides the network's grid."),
      field<Dream>("stop_below", &Dream::stop_below, CurveType{{0, 1}}, "",
                   "An octave ends early when a step, on the mean of two, gains less than this share of the "
                   "objective, e.g. 0.02; 0 takes all steps."),
      field<Dream>(
          "strength", &Dream::strength, CurveType{{0, 1}}, "",
          "One knob for all of it: 0 adds nothing, 0.5 as the other keys say, 1 overwhelming. Below 0.5 it "
          "shortens the steps, above it takes more and longer ones, and `temporal.blend` lasts longer. At 0, "
          "what is carried fades as `temporal.blend` says."),
      field<Dream>("opacity", &Dream::opacity, CurveType{{0, 1}}, "",
                   "0 shows the source, 1 the dream. The dream itself goes on underneath."),
      mask_row<Dream>(&Dream::mask, true, "Where in the picture to dream; the rest shows the source."),
      field<Dream>("show_masks", &Dream::show_masks, BoolType{}, "",
                   "Draws all masks over the source, in place of dreaming: `--show mask` sets it."),
      gradient_row(),
      regularise_row(),
      transforms_row(),
      optimizer_row(),
      parameterization_row(),
      draft_row(),
  };
}

Table<Temporal::Distrust> distrust_table() {
  using Distrust = Temporal::Distrust;
  return {
      field<Distrust>("uncovered", &Distrust::uncovered, CurveType{{0, 1}}, "",
                      "Where something has moved away, so that the last frame did not show the place."),
      field<Distrust>("outside", &Distrust::outside, CurveType{{0, 1}}, "",
                      "Where the picture came in from beyond the frame."),
      field<Distrust>(
          "edge", &Distrust::edge, CurveType{{0, 1}}, "",
          "Where the flow contradicts itself: at the edges of what moves, and in blur, water, foliage."),
  };
}

Table<Temporal> temporal_table() {
  using Flow = Temporal::Flow;
  using Carry = Temporal::Carry;
  using NoiseMotion = Temporal::NoiseMotion;
  return {
      field<Temporal>(
          "flow", &Temporal::flow,
          ChoiceType<Flow>{{{"dis", Flow::dis},
                            {"best", Flow::best},
                            {"farneback", Flow::farneback},
                            {"none", Flow::none}}},
          "",
          "How motion is found, along which the dream is carried. `best` finds it most exactly, but takes "
          "longer; see [how motion is found](#how-motion-is-found)."),
      field<Temporal>(
          "carry", &Temporal::carry, ChoiceType<Carry>{{{"detail", Carry::detail}, {"image", Carry::image}}},
          "",
          "`detail` carries only what the dream added, so the source stays sharp; `image` the whole frame."),
      field<Temporal>("at_fps", &Temporal::at_fps, RateType{}, "frames a second",
                      "The rate for which the numbers of `temporal` are meant: at another rate they are "
                      "converted, and the film stays the same. Left out, they hold for each frame; see "
                      "[any frame rate](#any-frame-rate)."),
      field<Temporal>("blend", &Temporal::blend, CurveType{{0, 1}}, "",
                      "How much of the last frame's dream goes into the next; below 1 it fades."),
      field<Temporal>("occlusion", &Temporal::occlusion, BoolType{}, "",
                      "Carry nothing to where the motion cannot be trusted."),
      field<Temporal>(
          "every", &Temporal::every, SizeType{8}, "frames",
          "Dreams one frame in so many (and the last of a shot), and fills in the others from both "
          "sides along the flow; see [filling in](#filling-in)."),
      field<Temporal>(
          "hold", &Temporal::hold, BoolType{}, "",
          "Where the source shows the picture that was dreamed last once more, and the camera rests, "
          "holds that dream in place of dreaming on; see [holding](#holding)."),
      field<Temporal>(
          "calm", &Temporal::calm, CurveType{{0, 1}}, "",
          "How much more slowly the carried dream changes, and grows: 0 is alive, 1 is still. With "
          "`warmup`, it is about as strong; see [alive or still](#alive-or-still)."),
      field<Temporal>(
          "memory", &Temporal::memory, SizeType{1000, 0}, "frames",
          "What was hidden for at most this long finds its dream again; see "
          "[what the dream remembers](#what-the-dream-remembers). 0: what was hidden is forgotten."),
      field<Temporal>(
          "passes", &Temporal::passes, SizeType{2}, "",
          "2 dreams each shot backward first. The pass forward then finds a grown dream wherever it has "
          "none: "
          "behind a cut, and where something came into view; see [both directions](#both-directions). It "
          "takes a little more than twice as long."),
      field<Temporal>("deepen", &Temporal::deepen, CurveType{{0, 1000, false, true}}, "rounds",
                      "How often at most a place that nothing remembers is dreamed in its first frame, until "
                      "it is as strong as its surroundings. 0: it grows over the frames that follow."),
      section<Temporal>("distrust", &Temporal::distrust, distrust_table(),
                        "How much of the carried dream a place loses where the motion cannot be trusted, by "
                        "the reason: 1 all of it, 0 nothing. `render --show maps` draws the three."),
      field<Temporal>(
          "iterations", &Temporal::iterations, CurveType{{0, 1000, false, true}}, "",
          "Steps per octave after the first frame of a shot. Left out, it is `dream.iterations` where that "
          "never exceeds the default."),
      field<Temporal>(
          "step", &Temporal::step, CurveType{{0, 10}}, "factor",
          "Factor on `dream.step` where a dream is carried on: how fast it changes. Smaller is steadier."),
      field<Temporal>("warmup", &Temporal::warmup, CurveType{{0, 1000, false, true}}, "rounds",
                      "How often the first frame of a shot is dreamed on before it is shown: as if it stood "
                      "still, or out of noise, under way as the camera moves. 5 to 10 give it the strength "
                      "of those that follow; out of noise, 24."),
      field<Temporal>("noise", &Temporal::noise, CurveType{{0, 1}}, "standard deviation",
                      "Noise in every frame when there is no moving source (noise or a still)."),
      field<Temporal>(
          "noise_motion", &Temporal::noise_motion,
          ChoiceType<NoiseMotion>{{{"fresh", NoiseMotion::fresh}, {"carried", NoiseMotion::carried}}}, "",
          "`fresh`: `noise` is drawn anew in every frame, and added to what is there. `carried`: one noise "
          "moves with the picture; see [noise that moves along](#noise-that-moves-along)."),
      field<Temporal>(
          "sharpen", &Temporal::sharpen, CurveType{{0, 10}}, "",
          "Gives finest detail back where the camera has softened what is carried, when there is no moving "
          "source. 0.15 is the most that makes no detail stronger than it was; 0 is softer."),
      field<Temporal>(
          "marks", &Temporal::marks, BoolType{}, "",
          "Draws dots that drift along as a dream would, with tails behind them: `--motion` sets it. "
          "Flow and encoding take their quicker settings."),
      field<Temporal>(
          "maps", &Temporal::maps, BoolType{}, "",
          "Draws where a dream would be fresh and why, in place of dreaming: `--show maps` sets it."),
      field<Temporal>(
          "cuts", &Temporal::cuts, CutsType{}, "",
          "Where the dream begins anew: `auto` at the cuts of the source, a time at that time, an "
          "expression wherever its whole part rises; see [cuts](#cuts)."),
  };
}

Table<Camera> camera_table() {
  using Border = Camera::Border;
  constexpr Range kTurns{-100'000, 100'000}, kPlaces{-1000, 1000};
  return {
      field<Camera>("zoom", &Camera::zoom, CurveType{{0.01, 100}}, "factor a second",
                    "The picture grows by this; above 1 the view moves in."),
      field<Camera>("rotate", &Camera::rotate, CurveType{kTurns}, "degrees a second",
                    "The picture turns anticlockwise."),
      curve_pair("pan", &Camera::pan_x, &Camera::pan_y, kPlaces, "fractions of the frame a second",
                 "Moves the view right and down."),
      curve_pair("pivot", &Camera::pivot_x, &Camera::pivot_y, kPlaces, "fractions of the frame",
                 "The point that zoom and rotation leave in place; `[0.5, 0.5]` is the middle."),
      field<Camera>("border", &Camera::border,
                    ChoiceType<Border>{{{"mirror", Border::mirror},
                                        {"wrap", Border::wrap},
                                        {"edge", Border::edge},
                                        {"noise", Border::noise}}},
                    "", "What comes in from outside the frame."),
  };
}

bool valid_device(const std::string& text) {
  constexpr std::string_view kNumbered = "cuda:";
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  return text.starts_with(kNumbered) && text.size() > kNumbered.size() &&
         text.size() <= kNumbered.size() + 3 &&
         text.find_first_not_of("0123456789", kNumbered.size()) == std::string::npos;
}

// `extends` is removed from every file while it is read. If it is still there, it came from an override.
Row<Job> extends_row() {
  return custom<Job>(
      {"extends", "a path, or the name of a look or shared job", "", "",
       "A job file whose keys hold wherever this one says nothing."},
      [](const Site& site, Job&) { site.problem("cannot be overridden; write it in the job file"); },
      [](const Job&) { return Value{}; });
}

// So is `look`, which leaves nothing here to read.
Row<Job> look_row() {
  return custom<Job>(
      {"look", "the name of a look (`dreamreel looks` lists them), or a path", "", "",
       "A look to dream in, without its input and output; see [looks](#looks)."},
      [](const Site& site, Job&) { site.problem("belongs to the top of a job file"); },
      [](const Job&) { return Value{}; });
}

}  // namespace

const Table<Job>& job_table() {
  static const Table<Job> table{
      extends_row(),
      look_row(),
      scenes_row(),
      section<Job>("input", &Job::input, input_table(),
                   "What to dream on. Exactly one of `path` and `noise`."),
      output_row(output_table()),
      outputs_row(output_table()),
      of_member<Job>(&Job::network, cards::network_row()),
      of_member<Job>(&Job::networks, cards::networks_row()),
      field<Job>("device", &Job::device, TextType{"auto, cpu, cuda or cuda:N", valid_device}, "",
                 "Where the network runs; `auto` takes a GPU if there is one."),
      field<Job>(
          "precision", &Job::precision,
          ChoiceType<Precision>{{{"auto", Precision::automatic},
                                 {"fp32", Precision::fp32},
                                 {"bf16", Precision::bf16},
                                 {"fp16", Precision::fp16}}},
          "",
          "Of the network's arithmetic; `auto` takes the fastest that the device has. bf16 needs a GPU or a "
          "processor with AVX512-BF16, fp16 a GPU."),
      field<Job>(
          "executor", &Job::executor,
          ChoiceType<Executor>{
              {{"fused", Executor::fused}, {"direct", Executor::direct}, {"autograd", Executor::autograd}}},
          "",
          "What runs the network: `fused`, the fastest, on a CPU that allows it, and CUDA graphs on a GPU "
          "in a build with CUDA; `direct`, the same but for convolutions of 3x3 and 5x5, which `fused` "
          "computes by Winograd's way; `autograd`, LibTorch's own, the reference. Their "
          "numbers differ by rounding."),
      field<Job>("seed", &Job::seed, SeedType{}, "", "Same seed, same dream."),
      section<Job>("dream", &Job::dream, dream_table(), "The gradient ascent."),
      section<Job>("temporal", &Job::temporal, temporal_table(), "How one frame leads to the next."),
      section<Job>("camera", &Job::camera, camera_table(), "How the view moves over the carried dream."),
      colour_row(),
      audio_row(),
      series_row(),
  };
  return table;
}

const std::vector<KeyInfo>& schema() {
  static const std::vector<KeyInfo> keys = flatten(job_table());
  return keys;
}

bool merges(const std::string& path) {
  static const std::set<std::string> paths = [] {
    std::set<std::string> found{""};
    for (const auto& key : schema())
      if (key.merges) found.insert(key.path);
    return found;
  }();
  return paths.contains(path);
}

bool is_section(const std::string& path) {
  return path.empty() || std::ranges::any_of(schema(), [&](const KeyInfo& key) {
           return key.path == path && key.kind == KeyInfo::Kind::section;
         });
}

}  // namespace dreamreel::job
