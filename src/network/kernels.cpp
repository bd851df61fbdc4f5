#include "kernels.h"

#include "highway_targets.h"
// This header tells Highway the targets.
#include <hwy/highway.h>
#include <hwy/targets.h>

#include <atomic>

#include "onednn.h"

namespace dreamreel::network {
namespace {

std::atomic<Kernels> for_test{Kernels::none};

#if defined(__x86_64__)
bool onednn_uses(dnnl::cpu_isa wanted) {
  static const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (isa & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
}

/// Whether the processor has a target, oneDNN may use it, and loops have been compiled for it.
bool has(std::int64_t target, dnnl::cpu_isa isa) {
  return (HWY_TARGETS & target) != 0 && (hwy::SupportedTargets() & target) != 0 && onednn_uses(isa);
}
#endif

}  // namespace

std::vector<Kernels> possible_kernels() {
  std::vector<Kernels> kernels;
#if defined(__x86_64__)
  if (has(HWY_AVX3, dnnl::cpu_isa::avx512_core)) {
    if (__builtin_cpu_supports("avx512bf16") != 0 && onednn_uses(dnnl::cpu_isa::avx512_core_bf16))
      kernels.push_back(Kernels::avx512_bf16);
    kernels.push_back(Kernels::avx512);
  }
  if (has(HWY_AVX2, dnnl::cpu_isa::avx2)) kernels.push_back(Kernels::avx2);
#elif HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
  kernels.push_back(Kernels::neon);
#endif
  return kernels;
}

Kernels best_kernels() {
  static const auto all = possible_kernels();
  return all.empty() ? Kernels::none : all.front();
}

Kernels chosen_kernels() {
  static const auto best = best_kernels();
  const auto other = for_test.load(std::memory_order_relaxed);
  return other == Kernels::none ? best : other;
}

std::string_view name_of(Kernels kernels) {
  switch (kernels) {
    case Kernels::none:
      return "none";
    case Kernels::avx2:
      return "AVX2";
    case Kernels::avx512:
      return "AVX-512";
    case Kernels::avx512_bf16:
      return "AVX-512 with BF16";
    case Kernels::neon:
      return "NEON";
  }
  return "?";
}

std::int64_t block_channels() {
  const auto kernels = chosen_kernels();
  return kernels == Kernels::avx512 || kernels == Kernels::avx512_bf16 ? 16 : 8;
}

KernelsForTest::KernelsForTest(Kernels kernels) {
  for_test = kernels;
}

KernelsForTest::~KernelsForTest() {
  for_test = Kernels::none;
}

}  // namespace dreamreel::network
