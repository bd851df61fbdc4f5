// Gradient ascent on a frame over several octaves, after the 2015 notebook (google/deepdream, dream.ipynb).
// Knows nothing of time: the caller gives the starting point and the key of the random numbers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/random.h"
#include "dreamreel/dream/objective.h"

namespace dreamreel::dream {

/// What happens to the gradient before the step; everything at 0 leaves it alone. Applied in this order.
struct Shaping {
  /// Bands of a Laplacian pyramid, each divided by its RMS, so that coarse shapes grow as fast as fine grain; 0: off.
  /// (Mordvintsev, "DeepDreaming with TensorFlow", 2016: 4 bands, kernel 1-4-6-4-1.)
  int laplacian = 0;
  /// px: the mean of three Gaussian blurs of half, once and twice this deviation; 0: off. (gordicaleksa's
  /// pytorch-deepdream.)
  double smooth = 0;
  /// 0 to 1: how far the gradient goes over to M M^T g, M the square root of the covariance of colours in ImageNet,
  /// so that colours change together as they do in photographs. (Olah 2017; the numbers are lucid's.)
  double decorrelate = 0;
};

/// What holds the picture back. Penalties have a natural strength of about 1: they are taken off the gradient after
/// that was divided by its mean, so they mean the same for every network and objective.
struct Regularisers {
  /// Times the gradient of sum |D x|^beta over pixels and channels, D the differences to the right and below.
  /// (Rudin, Osher, Fatemi 1992; Mahendran, Vedaldi 2015.)
  double total_variation = 0;
  int beta = 1;     ///< 1 keeps edges, 2 softens them
  double grey = 0;  ///< times x - 1/2, the gradient of 1/2 sum (x - 1/2)^2. (Yosinski et al. 2015: L2 decay.)
  /// px: a Gaussian blur of what the dream added after every `blur_every`-th step, from `blur` in the first iteration
  /// of an octave in even steps to `blur_end` in the last. (Yosinski 2015.)
  double blur = 0, blur_end = 0;
  int blur_every = 1;
  /// 0 to 1, below 1: this share of the pixels, those where the dream added least, goes back after each step.
  /// (Yosinski 2015: clipping pixels with small norm.)
  double clip = 0;
  /// What `blur` and `clip` take for the dream's own: what was added to the start picture, or, for a start of noise
  /// (false), all that is not grey.
  bool keep_start = true;
};

/// Each step sees the picture, jitter aside, through a random similarity about its middle; gradients come back through
/// it. Structures that survive look right at any size and angle. (Olah 2017.)
struct Transforms {
  double scale = 0;   ///< a factor from 1/(1+scale) to 1+scale, uniform in its logarithm
  double rotate = 0;  ///< degrees to either side
};

/// ascent: x += step/255 * g / mean|g|. adam: Kingma, Ba 2015, beta 0.9 and 0.999, starting anew in every octave, with
/// a rate of step/255.
enum class Optimizer { ascent, adam };

/// What the optimiser moves. pixels: the picture itself, clamped to [0,1] after each step. fourier: z in
///   x = sigmoid(M irfft2(z * s) / 4),  s = sqrt(H W) / max(f, 1/max(H,W)),
/// f the frequency and M as for Shaping::decorrelate: all frequencies grow at one pace, and colours come in their
/// natural directions. (Olah 2017; lucid.) A step of 1.5, the default, is lucid's rate of 0.05.
enum class Parameterization { pixels, fourier };

/// How much memory a forward and backward pass may take. A picture whose pass would take more is climbed in tiles; the
/// gradient of the whole picture is put together of theirs before anything else is done to it. Where there is room, tiles
/// overlap so far that this changes no bit, unless a library sums in another order for another size of map, as style and
/// diversity do; where there is not, by half of that, which rounds every sum where tiles overlap anew. Style and
/// diversity, which compare the whole picture, cost one more forward pass.
///
/// A network that takes pictures of one size alone (Network::only_size()) sees the picture through windows of that size, which
/// overlap and lie elsewhere in each step; octaves smaller than a window are seen enlarged. To it each window is a picture of
/// its own: there style and diversity compare within a window, and a head judges each.
struct PassLimit {
  std::int64_t bytes =
      0;  ///< of activations and gradients, as network::Network::pass_bytes() counts; 0: no limit
};

/// A pass does not fit. `needed_bytes` is the least PassLimit::bytes that would do.
class TooLittleMemory : public RenderError {
 public:
  TooLittleMemory(const std::string& message, std::int64_t needed, bool in_tiles)
      : RenderError(message), needed_bytes(needed), has_tiles(in_tiles) {}
  std::int64_t needed_bytes;
  bool has_tiles;  ///< false: an objective looks at the whole picture at once, and that is what it takes
};

/// Resolved numbers of one frame (curves already read).
struct AscentOptions {
  std::vector<Objective> objectives;  ///< at least one; of content with a picture or none, without a target
  int octaves = 4;                    ///< >= 1
  double octave_scale = 1.4;          ///< > 1
  int iterations = 10;                ///< per octave, >= 0
  double step = 1.5;                  ///< in 8-bit levels: the mean change of a value in one step
  int jitter = 32;                    ///< px, >= 0
  /// An octave ends when the objective gains less than this share of its absolute value in a step, as the mean of the
  /// last two steps; 0: after all `iterations`.
  double stop_below = 0;
  Shaping gradient;
  Regularisers regularise;
  Transforms transforms;
  Optimizer optimizer = Optimizer::ascent;
  Parameterization parameterization = Parameterization::pixels;
  /// Each objective pulls as hard as its weight says, whatever the size of its layer's gradients: divided by
  /// the mean |g| of its own, measured at the beginning of each octave. Costs one pass there for each objective;
  /// nothing where only one has a weight. (With the default network mean|g| of the energies differs 3 times
  /// between neighbours, mixed3 and mixed4, and 11 times between mixed0 and mixed5 once a picture is full of
  /// mixed0: in a plain cross-fade of the two the first would reign until the last tenth.)
  bool balance = false;
  PassLimit limit;
  /// (1,H,W) float32 in [0,1] on the networks' device, of the start picture's size, or undefined for everywhere:
  /// how far a step may move each pixel. The mean |g| of a step is then that under the mask, so a small mask is
  /// dreamed as strongly as a large one; where it is 0 the start stays (with Parameterization::fourier nearly).
  at::Tensor mask{};
};

/// One step as it happened, for logs, tests and benchmarks.
struct StepReport {
  int octave = 0;        ///< 0 = finest
  int iteration = 0;     ///< from 0, counted within the octave
  double objective = 0;  ///< of the picture before the step, penalties left out
  /// After the step, (3,H,W) float32 [0,1] of the octave's size, on the networks' device. Valid during the call; the
  /// next step may write into it.
  const at::Tensor* picture = nullptr;
};
/// Called after every step; may throw to stop the ascent (that is how an interrupt gets in).
using StepObserver = std::function<void(const StepReport&)>;

struct AscentResult {
  at::Tensor picture;       ///< (3,H,W) float32 [0,1], on the networks' device
  double objective = 0;     ///< before the last step of the finest octave; 0 if there was no step
  int octaves_dropped = 0;  ///< coarse octaves left out because they fall under Networks::min_input_side()
};

/// Climbs from `start`, (3,H,W) float32 [0,1] on the networks' device. Per octave, coarse to fine: the base
/// is `start` scaled down with antialiasing; what the coarser octave added (the detail) is scaled up and
/// added to it. Each step rolls by a random offset, x += step/255 * g / mean|g|, clamps to [0,1] and rolls
/// back. Where masks leave only a part of the picture to climb in, the mean is that of the part; with neurons
/// alone it is sum g^2 / (8 sum |g|), because most of the picture does not matter to them.
///
/// What content objectives stay near is computed once an octave. Jitter is then rounded to the layers' grids, so that
/// the features fit wherever the picture is rolled to, and the strip that comes in on the other side is left out. With
/// `transforms` they are computed at every step instead, which costs a forward pass. `key` gives seed and frame; octaves
/// count from key.octave, which keeps several ascents of one frame apart, and iterations are filled in here. Pure: the
/// same arguments give the same bits at the same number of threads. Throws RenderError if the gradient is not finite,
/// TooLittleMemory, std::invalid_argument for a wrong shape or options out of range.
AscentResult ascend(const Networks& networks, const at::Tensor& start, const AscentOptions& options,
                    const RandomKey& key, const StepObserver& observer = {});

/// The number of octaves of `options` that the networks accept for a frame of this size; 0 if even the frame
/// itself is too small.
int usable_octaves(const Networks& networks, std::int64_t height, std::int64_t width,
                   const AscentOptions& options);

/// How a picture of some size is passed through the networks: the most that any of them needs.
struct TileReport {
  std::int64_t count = 1;              ///< of tiles; 1: the picture is passed whole
  std::int64_t width = 0, height = 0;  ///< px, of a tile with its halo
  std::int64_t halo = 0;               ///< px
  bool is_exact = true;                ///< no sum is cut in two by the tiles
  std::int64_t pass_bytes = 0;         ///< of one tile
  bool is_windows = false;  ///< of a network that takes pictures of this size alone; moved at every step
};
/// For a picture of this size, all objectives that have a weight. Throws TooLittleMemory.
TileReport tiles_for(const Networks& networks, const AscentOptions& options, std::int64_t height,
                     std::int64_t width);

/// A start for Parameterization::fourier, where white noise would be nearly all fine grain: z normal with a deviation
/// of 0.01, as in lucid. (3,H,W) float32, CPU, almost grey.
at::Tensor fourier_noise(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose);

}  // namespace dreamreel::dream
