// The choices between ways of working that a job makes and the engine carries out. They stand here, because
// the modules of the job and of the engine do not know each other.
#pragma once

namespace dreamreel {

/// The formulas use these names: a is the layer's activation, with C channels at P positions, and a_p are the
/// C numbers at position p. m_p is the mask at that position (1 without a mask), and w is the weight. A
/// positive weight climbs the term.
enum class ObjectiveKind {
  /// w/2 mean(m a^2): everything that the layer sees becomes stronger. (google/deepdream, dream.ipynb, 2015.)
  energy,
  /// w mean(m a).
  mean,
  /// w mean over `channels` and positions of m a. (Olah, Mordvintsev, Schubert: "Feature Visualization",
  /// Distill 2017.)
  channels,
  /// w m a[channels[0]] at the position under (at_x, at_y). (Erhan et al. 2009; Olah 2017.)
  neuron,
  /// w mean_p m_p F(r_p) for a class c = channels[0] before the softmax.
  /// r_p = a_p[c] - v log sum_{j != c} exp(a_p[j]) with v = `rivals`. For v = 1, r_p is the log of the odds
  /// that a softmax gives the class.
  /// F(r) = r for a `selectivity` s of 0 (Simonyan, Vedaldi, Zisserman 2014), else log(1 + exp(s r)) / s. The
  /// slope of the second is about 0 where the class is not seen, and about 1 where it is.
  logit,
  /// w/C mean_p m_p max(0, cos_p)^s a_p.g_p. g_p is the column of `target` with the largest dot product
  /// a_p.g. cos_p is the cosine between a_p and g_p, and s is the `selectivity`; s = 0 is the guide of the
  /// 2015 notebook. The power of the cosine is lucid's (Olah 2017).
  guide,
  /// -w/2 |G - T|^2 / (C |T|), with G = sum_p m_p a_p a_p^T / sum_p m_p and T = `target`. The term is also
  /// multiplied by mean(m), so that a small mask pulls no harder. (Gatys, Ecker, Bethge: "A Neural Algorithm
  /// of Artistic Style", 2015. The division by |T| is ours: a layer's weight means the same for every style.)
  style,
  /// -w/2 mean(m (a - t)^2) for t = `target`. (Gatys 2015.)
  content,
  /// As guide, with the only column of `target`: a direction in the space of channels. (Olah 2017.)
  direction,
  /// -w/(C (C-1)) times the sum over i != j of the cosines between the maps of channels i and j. It keeps
  /// channels from being active at the same places. (After the diversity term of Olah 2017, between channels
  /// instead of pictures.)
  diversity,
};

/// How a guide's positions are chosen. best: every position finds its own match among all positions of the
/// guide. mean: all positions use the guide's mean.
enum class GuideMatch { best, mean };

/// ascent: x += step/255 * g / mean|g|. adam: Kingma, Ba 2015, with beta 0.9 and 0.999 and a rate of
/// step/255. It starts anew in every octave.
enum class Optimizer { ascent, adam };

/// The variables that the optimiser moves. pixels: the picture itself, clamped to [0,1] after each step.
/// fourier: z in
///   x = sigmoid(M irfft2(z * s) / 4),  s = sqrt(H W) / max(f, 1/max(H,W)),
/// where f is the frequency and M is the matrix of Shaping::decorrelate. So all frequencies grow at one pace,
/// and colours come in their natural directions. (Olah 2017; lucid.) The default step of 1.5 is lucid's rate
/// of 0.05.
///
/// spectrum: only the phases of z; every |z| and the mean colour are held. So no wave can grow at the cost of
/// the others, and a picture keeps the contrast of a photograph. (Fel et al.: "Unlocking Feature
/// Visualization for Deep Networks with MAgnitude Constrained Optimization", NeurIPS 2023.) For a start of
/// noise (Regularisers::keep_start is false), |z| are the strengths of waves in photographs; otherwise they
/// are the start's own, at the octave's size. The default step of 1.5 turns phases by 0.1 radians in the
/// mean, and no step turns a phase by more than 45 degrees.
enum class Parameterization { pixels, fourier, spectrum };

/// The code that computes a pass. All executors give the same numbers up to rounding.
enum class Executor {
  /// The fastest executor. Where it cannot run, `autograd` takes its place.
  ///
  /// On a CPU it is our own code. It runs chains of operators at once, forward and backward, in memory that
  /// is planned ahead. fp32 needs AVX2, AVX-512 or NEON; bf16 needs AVX512-BF16.
  ///
  /// On a GPU it records LibTorch's operators as CUDA graphs and replays them. It records one graph for each
  /// picture size and set of needed layers that comes often. It records nothing while set_ablation() scales a
  /// channel. It needs a build with DREAMREEL_CUDA.
  fused,
  /// As `fused`, but oneDNN computes every convolution directly. On a CPU, `fused` computes most convolutions
  /// of 3x3 and 5x5 with fewer multiplications: with Winograd's minimal filtering, F(6x6, 3x3) and F(4x4,
  /// 5x5), in float32 whatever the network's precision.
  direct,
  autograd,  ///< LibTorch's operators one by one, on any device; the reference for the others
};

/// The picture outside the previous frame, at any distance. mirror: reflected about the frame's edge (-0.5
/// and W-0.5, so the edge pixel appears twice); wrap: tiled; edge: the edge pixel repeated; noise: grey with
/// fresh noise; scaled_noise: the same with noise that a frame of another size shares. A job names no
/// scaled_noise: it follows from how its octaves are chosen.
enum class Border { mirror, wrap, edge, noise, scaled_noise };

/// How motion is found. none: not at all. dis: dense inverse search (Kroeger et al. 2016), with a preset of
/// OpenCV. farneback: by polynomial expansion (Farneback 2003). best: DIS down to single pixels, with patches
/// that lie closer. It finds motion most exactly without weights, at some times the cost
/// (docs/engineering/flow.md).
enum class FlowMethod { none, dis, farneback, best };

}  // namespace dreamreel
