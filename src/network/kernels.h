// Which of the inner loops run here: they are compiled once for each kind of processor (row_vectors.h), and the
// processor is asked at run time. oneDNN's own limit counts too: with ONEDNN_MAX_CPU_ISA=AVX2 in the
// environment, everything runs as on a processor that has no more than AVX2.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dreamreel::network {

enum class Kernels {
  none,  ///< no AVX2 with FMA, no NEON: networks run on the autograd executor
  avx2,
  avx512,
  avx512_bf16,  ///< as avx512, and maps may be bfloat16
  neon
};

/// What this processor has, as far as oneDNN uses it.
Kernels best_kernels();

/// best_kernels() from the first call on, or what KernelsForTest says.
Kernels chosen_kernels();

/// "AVX2", "AVX-512", "AVX-512 with BF16", "NEON"; "none".
std::string_view name_of(Kernels kernels);

/// Channels of a block of maps (Format::blocked): oneDNN's convolutions like 16 with AVX-512, else 8.
std::int64_t block_channels();

/// For as long as it lives, other kernels than the best: of those that best_kernels() includes. One at a time, with
/// no network in use.
class KernelsForTest {
 public:
  explicit KernelsForTest(Kernels kernels);
  ~KernelsForTest();
  KernelsForTest(const KernelsForTest&) = delete;
  KernelsForTest& operator=(const KernelsForTest&) = delete;
};

/// All that this processor can run, the best first; without `none`.
std::vector<Kernels> possible_kernels();

}  // namespace dreamreel::network
