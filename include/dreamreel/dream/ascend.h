// Gradient ascent on a frame over several octaves, after the 2015 notebook (google/deepdream, dream.ipynb).
// It knows nothing of time: the caller gives the start picture and the key of the random numbers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dreamreel/core/choices.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/random.h"
#include "dreamreel/dream/objective.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::dream {

/// Changes the gradient before the step, in the order of the members. With everything at 0 the gradient stays
/// as it is.
struct Shaping {
  /// Number of bands of a Laplacian pyramid; 0: off. Each band is divided by its RMS, so that coarse shapes
  /// grow as fast as fine grain. (Mordvintsev, "DeepDreaming with TensorFlow", 2016: 4 bands, kernel
  /// 1-4-6-4-1.)
  int laplacian = 0;
  /// Blurs the gradient, px; 0: off. The result is the mean of three Gaussian blurs, with half, once and
  /// twice this standard deviation. (gordicaleksa's pytorch-deepdream.)
  double smooth = 0;
  /// Mixes the gradient g with M M^T g, from 0 (only g) to 1 (only the other). M is the square root of the
  /// covariance of colours in ImageNet. So colours change together as they do in photographs. (Olah 2017;
  /// lucid's numbers.)
  double decorrelate = 0;
};

/// Keeps the picture calm. Penalties have a natural strength of about 1: they are subtracted after the
/// gradient was divided by its mean. So they mean the same for every network and objective.
struct Regularisers {
  /// Factor of the gradient of sum |D x|^beta over pixels and channels. D gives the differences to the right
  /// and below. (Rudin, Osher, Fatemi 1992; Mahendran, Vedaldi 2015.)
  double total_variation = 0;
  int beta = 1;  ///< 1 keeps edges, 2 softens them
  /// Factor of x - 1/2, the gradient of 1/2 sum (x - 1/2)^2. (Yosinski et al. 2015: L2 decay.)
  double grey = 0;
  /// A Gaussian blur of the dreamed detail after every `blur_every`-th step, px. It changes in even steps
  /// from `blur` in an octave's first iteration to `blur_end` in its last. (Yosinski 2015.)
  double blur = 0, blur_end = 0;
  int blur_every = 1;
  /// Share of the pixels, 0 <= clip < 1, that go back after each step: those where the dream changed least.
  /// (Yosinski 2015: clipping pixels with small norm.)
  double clip = 0;
  /// What `blur` and `clip` take for the dream's own detail. true: the difference to the start picture.
  /// false, for a start of noise: the difference to grey.
  bool keep_start = true;
};

/// Random similarity transforms about the picture's middle. Each step sees the picture through one, in
/// addition to jitter, and the gradient comes back through it. Structures that survive look right at any size
/// and angle. (Olah 2017.)
struct Transforms {
  double scale = 0;   ///< the factor is 1/(1+scale) to 1+scale, uniform in its logarithm
  double rotate = 0;  ///< degrees to either side
};

using dreamreel::Optimizer;
using dreamreel::Parameterization;

/// How much memory a forward and backward pass may take. If the picture's pass would take more, the picture
/// is climbed in tiles. The gradient of the whole picture is assembled from the tiles' gradients before
/// anything else is done to it.
///
/// If the memory allows it, tiles overlap far enough that no bit changes. Exceptions are sums that a library
/// orders by the size of the map, as in style and diversity. Otherwise tiles overlap by half of that, and
/// every sum near a border is rounded differently. Style and diversity compare the whole picture, so with
/// tiles they cost one more forward pass.
///
/// A network that takes pictures of one size only (Network::only_size()) sees the picture through windows of
/// that size. They overlap and move in each step. An octave smaller than a window is enlarged. For such a
/// network each window is a picture of its own: style and diversity compare within a window, and a head
/// judges each window.
struct PassLimit {
  /// Limit for activations and gradients, counted as in network::Network::pass_bytes(); 0: no limit.
  std::int64_t bytes = 0;
};

/// A pass does not fit into PassLimit::bytes. `needed_bytes` is the least limit that would do.
class TooLittleMemory : public RenderError {
 public:
  TooLittleMemory(const std::string& message, std::int64_t needed, bool in_tiles)
      : RenderError(message), needed_bytes(needed), has_tiles(in_tiles) {}
  std::int64_t needed_bytes;
  bool has_tiles;  ///< false: an objective depends on the whole picture at once
};

/// The numbers of one frame, with all curves already read.
struct AscentOptions {
  std::vector<Objective> objectives;  ///< at least one; content: a picture or none, no target
  int octaves = 4;                    ///< >= 1
  double octave_scale = 1.4;          ///< > 1
  /// Shorter side of the coarsest octave, px. Above 0, the octaves are image::octave_ladder(), and `octaves`
  /// does not count. Random numbers are then counted from the coarsest octave on, so that frames of all sizes
  /// have the same numbers in their coarse octaves.
  double coarsest = 0;
  /// How many times smaller the frame is than that of a final render of which this is a draft; >= 1. The
  /// octaves are then those of the final render, and have its random numbers, but the finest are missing.
  double draft = 1;
  int iterations = 10;  ///< per octave, >= 0
  double step = 1.5;    ///< in 8-bit levels: the mean change of a value in one step
  int jitter = 32;      ///< px, >= 0
  /// An octave ends early when the objective gains less than this share of its absolute value in a step. The
  /// gain is the mean of the last two steps. 0: an octave always has all `iterations`.
  double stop_below = 0;
  Shaping gradient;
  Regularisers regularise;
  Transforms transforms;
  Optimizer optimizer = Optimizer::ascent;
  Parameterization parameterization = Parameterization::pixels;
  /// Makes each objective pull as hard as its weight says, whatever the size of its layer's gradients. Each
  /// gradient is divided by its own mean |g|, measured at the beginning of each octave. This costs one pass
  /// for each objective, and nothing if only one objective has a weight.
  ///
  /// Example: with the default network, mean |g| of the energies differs 3 times between the neighbours
  /// mixed3 and mixed4. Between mixed0 and mixed5 it differs 11 times once a picture is full of mixed0. In a
  /// plain cross-fade of these two, mixed0 would dominate until the last tenth.
  bool balance = false;
  PassLimit limit;
  /// How far a step may move each pixel: (1,H,W) float32 in [0,1] on the networks' device, with the start
  /// picture's size. Undefined: 1 everywhere. The mean |g| of a step is taken under the mask, so a small mask
  /// is dreamed as strongly as a large one. Where the mask is 0 the start picture stays. With
  /// Parameterization::fourier it nearly stays; with spectrum it changes, because waves lie everywhere.
  at::Tensor mask{};
};

/// One step that was done, for logs, tests and benchmarks.
struct StepReport {
  int octave = 0;        ///< 0 = finest
  int iteration = 0;     ///< from 0, counted within the octave
  double objective = 0;  ///< of the picture before the step, without penalties
  /// The picture after the step, (3,H,W) float32 in [0,1] at the octave's size, on the networks' device. It
  /// is valid during the call only; the next step may write into it.
  const at::Tensor* picture = nullptr;
};
/// Called after every step. It may throw to stop the ascent, as an interrupt does.
using StepObserver = std::function<void(const StepReport&)>;

struct AscentResult {
  at::Tensor picture;       ///< (3,H,W) float32 [0,1], on the networks' device
  double objective = 0;     ///< before the last step of the finest octave; 0 if no step was done
  int octaves_dropped = 0;  ///< coarse octaves left out because they are below Networks::min_input_side()
};

/// Climbs from `start`, (3,H,W) float32 in [0,1] on the networks' device.
///
/// Octaves go from coarse to fine. The base of an octave is `start`, scaled down with antialiasing. The
/// detail that the coarser octave added is scaled up and added to the base. Each step rolls the picture by a
/// random offset, adds step/255 * g / mean|g|, clamps to [0,1] and rolls back. If masks leave only a part of
/// the picture to climb in, the mean is taken over that part. If only neurons have a weight, the divisor is
/// sum g^2 / (8 sum |g|), because most of the picture does not matter to them.
///
/// The target of a content objective is computed once an octave. Jitter is then rounded to the layers' grids,
/// so that the features fit wherever the picture is rolled to. The strip that comes in on the other side is
/// left out. With `transforms` the target is computed at every step instead, which costs a forward pass.
///
/// `key` gives seed and frame. Octaves count from key.octave, which keeps several ascents of one frame apart;
/// the ascent sets the iterations. Pure: the same arguments give the same bits with the same number of
/// threads. Throws RenderError if the gradient is not finite, TooLittleMemory, and std::invalid_argument for
/// a wrong shape or options out of range.
AscentResult ascend(const Networks& networks, const at::Tensor& start, const AscentOptions& options,
                    const RandomKey& key, const StepObserver& observer = {});

/// The sizes of the octaves for a frame of this size. The finest, the frame itself, comes first.
std::vector<image::Size> octave_sizes(const AscentOptions& options, const image::Size& frame);

/// How many octaves of `options` the networks accept for a frame of this size, px. 0 if even the frame itself
/// is too small.
int usable_octaves(const Networks& networks, std::int64_t height, std::int64_t width,
                   const AscentOptions& options);

/// How a picture of some size passes through the networks: the largest numbers of all networks.
struct TileReport {
  std::int64_t count = 1;              ///< number of tiles; 1: the picture passes whole
  std::int64_t width = 0, height = 0;  ///< px, of a tile with its halo
  std::int64_t halo = 0;               ///< px
  bool is_exact = true;                ///< no sum is split between tiles
  std::int64_t pass_bytes = 0;         ///< of one tile
  bool is_windows = false;             ///< windows of a network for one size only, which move at every step
};
/// The report for a picture of this size, px, with all objectives that have a weight. Throws TooLittleMemory.
TileReport tiles_for(const Networks& networks, const AscentOptions& options, std::int64_t height,
                     std::int64_t width);

}  // namespace dreamreel::dream
