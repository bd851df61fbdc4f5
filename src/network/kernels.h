// Chooses the inner loops that run here. The loops are compiled once for each kind of processor
// (row_vectors.h), and the processor is asked at run time. oneDNN's own limit applies too: with
// ONEDNN_MAX_CPU_ISA=AVX2 in the environment, everything runs as on a processor with AVX2 only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dreamreel::network {

enum class Kernels {
  none,  ///< neither AVX2 with FMA nor NEON: the autograd executor runs the networks
  avx2,
  avx512,
  avx512_bf16,  ///< as avx512, and maps may be bfloat16
  neon
};

/// The best that this processor has and oneDNN may use.
Kernels best_kernels();

/// best_kernels(), unless a KernelsForTest says otherwise.
Kernels chosen_kernels();

/// "AVX2", "AVX-512", "AVX-512 with BF16", "NEON"; "none".
std::string_view name_of(Kernels kernels);

/// Channels in a block of a map (Format::blocked): 16 with AVX-512, else 8, as oneDNN's convolutions prefer.
std::int64_t block_channels();

/// While it lives, other kernels run than the best; best_kernels() has to include them. Only one may live at
/// a time, and no network may be in use when it begins or ends.
class KernelsForTest {
 public:
  explicit KernelsForTest(Kernels kernels);
  ~KernelsForTest();
  KernelsForTest(const KernelsForTest&) = delete;
  KernelsForTest& operator=(const KernelsForTest&) = delete;
};

/// Everything that this processor can run, the best first, without `none`.
std::vector<Kernels> possible_kernels();

}  // namespace dreamreel::network
