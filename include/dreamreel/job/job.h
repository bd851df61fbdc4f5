// One YAML file describes one job. These are the checked values with every default filled in; nothing here
// knows Torch, libav or OpenCV. The table of keys in job/schema.h is the single place for defaults, ranges
// and documentation.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/time.h"
#include "dreamreel/curve/curve.h"

namespace dreamreel::job {

using curve::Curve;

/// Of noise, or of a still that becomes a video: 115 hours at 24 frames a second.
inline constexpr std::int64_t kMostFrames = 10'000'000;

struct NoiseInput {
  int width = 1280, height = 720;
  Rational fps{24, 1};
  TimePoint duration{10, TimePoint::Unit::seconds};
  bool operator==(const NoiseInput&) const = default;
};

struct Input {
  std::filesystem::path path;  ///< absolute, like every path here; "" for noise
  std::optional<NoiseInput> noise;
  /// Half-open. Start < end is checked where both have one unit; otherwise it is the reader's to check.
  std::optional<TimePoint> trim_start, trim_end;
  std::string filter;
  std::optional<std::filesystem::path> audio;
  std::optional<Rational> fps;        ///< of a still or a numbered sequence
  std::optional<TimePoint> duration;  ///< of a still that becomes a video
  bool operator==(const Input&) const = default;
};

struct Output {
  std::filesystem::path path;
  std::string codec, pixel_format;  ///< "" = chosen by the container
  std::map<std::string, std::string> codec_options;
  enum class Audio { copy, none } audio = Audio::copy;
  /// The last frame leads into the first.
  struct Loop {
    std::optional<TimePoint> crossfade;  ///< nullopt: about a second, or a third of the length
    bool operator==(const Loop&) const = default;
  };
  std::optional<Loop> loop;
  bool operator==(const Output&) const = default;
};

/// How a network wants its picture; see network::InputScaling.
struct NetworkInput {
  std::string order = "rgb";
  double scale = 1;
  std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};
  bool operator==(const NetworkInput&) const = default;
};

/// Channels first..last of a layer, both included; or one channel that is called by its class.
struct ChannelRange {
  int first = 0, last = 0;
  std::string class_name{};  ///< as the network's label file has it; "" for numbers. Never of a lesion
  bool operator==(const ChannelRange&) const = default;
};

/// A lesion: channels of a layer that are weakened while the network runs.
struct Ablation {
  std::string layer;
  std::vector<ChannelRange> channels;  ///< empty if they are drawn at random
  std::optional<double> random;        ///< the share of the layer's channels that is drawn, by the job's seed
  Curve amount = 1;                    ///< 0: untouched, 1: silent
  bool operator==(const Ablation&) const = default;
};

/// The npm package that scripts/fetch_network.sh makes a network's file of; all "" where the card names none.
struct NetworkSource {
  std::string package;    ///< name@version
  std::string integrity;  ///< npm's checksum of it
  std::string model;      ///< the file or folder within
  std::string converter;  ///< scripts/convert_NAME.py
  bool operator==(const NetworkSource&) const = default;
};

/// A network as a card or a bare path describes it.
struct NetworkRef {
  std::string name = "inception_v3";  ///< card name, or the absolute path where the job gives a path
  std::string alias;                  ///< what the job's `networks` calls it; "" for all others
  std::filesystem::path path;         ///< the .onnx file; where it would stand if it has not been fetched yet
  NetworkInput input;
  std::string sha256;       ///< "" if the card gives none
  std::uint64_t bytes = 0;  ///< of the file; 0 if the card does not say
  std::string description, licence, url;
  std::string origin;            ///< who made it, of what, and what they say about its use
  NetworkSource made_from;       ///< where the file is not downloaded
  std::string fetch;             ///< a note on how to get the file where there is no url
  std::filesystem::path labels;  ///< what the classes are called, see labels.h; "" if nothing says
  std::vector<std::string>
      class_layers;  ///< whose channels are the classes in the order of `labels`, best first
  int side = 0;      ///< px, of the pictures that the network was trained on; 0 if nothing says
  std::vector<std::string> recommended_layers, recommended_looks;
  std::vector<Ablation> ablate;  ///< said by the job, never by a card
  std::optional<int> size{};     ///< px: the network sees squares of this side alone
  bool operator==(const NetworkRef&) const = default;
};

/// Where a dream may be: a picture or video, the source's own alpha or a key of its colours, or what a network sees
/// in the source.
struct Mask {
  enum class From { file, alpha, luma, chroma, person, class_map } from = From::file;
  std::filesystem::path path;  ///< of From::file alone, as channel and start are
  enum class Channel { luma, alpha } channel = Channel::luma;
  std::optional<TimePoint> start;  ///< nullopt: at Input::trim_start
  bool has_range = false;   ///< always of luma; of person and class_map: else as soft as the network has it
  Curve low = 0, high = 1;  ///< luma, or the probability that the network gives
  std::array<double, 3> colour{0, 0, 0};   ///< R'G'B' in [0,1]
  Curve tolerance = 0.1, softness = 0.05;  ///< distances in luma, or in the plane of Cb and Cr
  std::optional<NetworkRef> network{};     ///< of person and class_map, where a loaded job always has one
  std::optional<int> class_index{};        ///< of class_map; or
  std::string class_name{};                ///< as the network's label file has it; "person" for From::person
  int windows = 1;  ///< along the longer side of the frame, that the network looks through
  bool invert = false;
  Curve feather = 0;    ///< px
  bool confine = true;  ///< of a whole dream's mask
  bool operator==(const Mask&) const = default;
};

/// A term to climb; docs/objectives.md has the formulas. Fields that the kind does not take are at their
/// defaults.
struct LayerObjective {
  enum class Kind { energy, mean, channels, neuron, logit, guide, style, content, direction, diversity };
  enum class Match { best, mean };
  std::string layer;
  Curve weight = 1.0;
  Kind kind = Kind::energy;
  std::optional<NetworkRef> network{};          ///< in place of the job's
  std::vector<ChannelRange> channels{};         ///< of channels and neuron
  Curve at_x = 0.5, at_y = 0.5;                 ///< of neuron, fractions of the frame
  std::optional<int> class_index{};             ///< of logit; or
  std::string class_name{};                     ///< as the network's label file has it
  std::vector<std::filesystem::path> images{};  ///< of guide and style, and none or one of content
  std::optional<int> size{};                    ///< px, longer side that `images` are scaled to
  Match match = Match::best;                    ///< of guide
  Curve selectivity = 0;                        ///< of guide, direction and logit
  Curve rivals = 0;                             ///< of logit: how much the other classes count against it
  std::vector<double> vector{};                 ///< of direction
  std::optional<Mask> mask = std::nullopt;
  bool operator==(const LayerObjective&) const = default;
};

struct GradientShaping {
  Curve laplacian = 0, smooth = 0, decorrelate = 0;
  bool operator==(const GradientShaping&) const = default;
};

struct Regularise {
  Curve total_variation = 0;
  int beta = 1;
  Curve grey = 0, blur = 0, blur_end = 0, blur_every = 1, clip = 0;
  bool operator==(const Regularise&) const = default;
};

struct Transforms {
  Curve scale = 0, rotate = 0;
  bool operator==(const Transforms&) const = default;
};

enum class Optimizer { ascent, adam };
enum class Parameterization { pixels, fourier };

struct Dream {
  std::vector<LayerObjective> objectives;  ///< at least one; those of a dream.journey with its keyframes
  bool balance = false;                    ///< weights count whatever the size of a layer's gradients
  Curve octaves = 4, octave_scale = 1.4, iterations = 10, step = 1.5, jitter = 32, opacity = 1.0;
  Curve stop_below = 0;  ///< share of the objective: less than this gained in a step ends an octave
  GradientShaping gradient;
  Regularise regularise;
  Transforms transforms;
  Optimizer optimizer = Optimizer::ascent;
  Parameterization parameterization = Parameterization::pixels;
  std::optional<Mask> mask = std::nullopt;
  bool operator==(const Dream&) const = default;
};

struct Temporal {
  enum class Flow { none, dis, farneback } flow = Flow::dis;
  enum class Carry { detail, image } carry = Carry::detail;
  Curve blend = 0.9;
  bool occlusion = true;
  Curve iterations = 3;  ///< if a job leaves it out: dream.iterations where that never exceeds 3
  Curve step = 0.5;      ///< factor on dream.step where a dream is carried on
  Curve warmup = 0;      ///< rounds more that the first frame of a shot is dreamed
  Curve noise = 0;       ///< standard deviation of fresh noise in pure feedback
  Curve sharpen = 0.15;  ///< of the detail that the camera takes from pure feedback, given back
  bool marks = false;    ///< dots where a dream would grow
  enum class Cuts { automatic, none } cuts = Cuts::automatic;
  int every = 1;      ///< of the frames of a shot, those that are dreamed; flow fills the others in
  bool hold = false;  ///< the dream stands still for as long as the source shows one picture
  bool operator==(const Temporal&) const = default;
};

/// What keeps the colours of a dream in place from frame to frame.
struct Colour {
  enum class Match { none, source, first } match = Match::none;
  Curve strength = 1;  ///< of `match`
  enum class Chroma { dream, source } chroma = Chroma::dream;
  std::optional<Curve> contrast_limit, saturation_limit;  ///< in units of CIE L*a*b*
  bool operator==(const Colour&) const = default;
};

struct Camera {
  Curve zoom = 1, rotate = 0, pan_x = 0, pan_y = 0, pivot_x = 0.5,
        pivot_y = 0.5;  ///< per second; pivot in fractions
  enum class Border { mirror, wrap, edge, noise } border = Border::mirror;
  bool operator==(const Camera&) const = default;
};

/// How a variable of the sound follows it, frame by frame: time constants of an exponential, 0 at once.
struct Smoothing {
  double attack_seconds = 0, release_seconds = 0;
  bool operator==(const Smoothing&) const = default;
};

/// One for each number of SoundLevels. docs/sound.md has the formula.
struct Audio {
  Smoothing loudness{0, 0.2}, bass{0, 0.15}, mid{0, 0.15}, treble{0, 0.1}, onset{0, 0.15}, beat{0, 0.2};
  bool operator==(const Audio&) const = default;
};

enum class Precision { automatic, fp32, bf16, fp16 };
enum class Executor { fused, direct, autograd };

struct Job {
  std::filesystem::path file;  ///< the job file itself
  Input input;
  Output output;
  NetworkRef network;
  std::map<std::string, NetworkRef> networks;  ///< more of them, by the names that objectives call them
  std::string device = "auto";                 ///< auto | cpu | cuda | cuda:N
  Precision precision = Precision::automatic;
  Executor executor = Executor::fused;
  std::uint64_t seed = 0;
  Dream dream;
  Temporal temporal;
  Camera camera;
  Colour colour;
  Audio audio;
  bool operator==(const Job&) const = default;
};

struct LoadOptions {
  std::vector<std::string> overrides;               ///< "dream.step=2", applied in order, parsed as YAML
  std::vector<std::filesystem::path> card_folders;  ///< where network cards are looked for, first match wins
  std::vector<std::filesystem::path> network_folders;  ///< where cards' files are looked for
};

/// Reads the file, its chain of `extends`, and the overrides. Throws JobError (78) with every problem found,
/// one per line, "file:line: path.to.key: expected ..., got ..."; InputError (66) if the file itself cannot
/// be read.
Job load_job(const std::filesystem::path& path, const LoadOptions& options);

/// The resolved job as YAML that load_job() reads back to the same values (absolute paths). It is UTF-8,
/// whatever the names of files are.
std::string to_yaml(const Job& job);

/// A job that to_yaml() wrote, as a plan holds it; messages call it `name`. Throws JobError, also for one
/// that extends another file. options.overrides are not looked at.
Job parse_job(const std::string& yaml, const std::filesystem::path& name, const LoadOptions& options);

/// `text` as a YAML value on one line, for an override: any bytes survive.
std::string as_yaml(const std::string& text);

/// A card by name ("inception_v3") or a path to an .onnx file (relative to the current folder), with the
/// input scaling of the card of the same stem beside it if there is one, else RGB in [0,1]. The file itself
/// need not exist. Throws JobError with the closest card names, or with what is wrong with the card.
NetworkRef find_network(const std::string& name_or_path, const LoadOptions& options);
std::vector<std::string> card_names(const LoadOptions& options);  ///< sorted
/// Throws UnavailableError (69) with how to fetch it if the network's file is not there.
void require_file(const NetworkRef& network);

/// Cards: $DREAMREEL_CARDS (colon-separated), then those installed beside the running program
/// (../share/dreamreel/networks), then the source tree's. Their files: $DREAMREEL_NETWORKS (colon-separated),
/// then ${XDG_CACHE_HOME:-~/.cache}/dreamreel/networks, then beside the card.
LoadOptions default_load_options();

}  // namespace dreamreel::job
