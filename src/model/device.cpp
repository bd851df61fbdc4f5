#include "dreamreel/model/device.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "dreamreel/core/error.h"

namespace dreamreel::model {
namespace {

bool device_works(const at::Device& device) {
  try {
    at::empty({1}, at::TensorOptions().device(device));
    return true;
  } catch (const std::exception&) {  // c10::Error: LibTorch has no CUDA, there is no driver, or no such GPU
    return false;
  }
}

// "cuda" is the first GPU, "cuda:N" is GPU number N. nullopt for a number that no machine has.
std::optional<at::DeviceIndex> cuda_index(std::string_view device) {
  constexpr std::string_view kPrefix = "cuda:";
  if (!device.starts_with(kPrefix)) return 0;
  int index = 0;
  const char* const end = device.data() + device.size();
  const auto [rest, error] = std::from_chars(device.data() + kPrefix.size(), end, index);
  if (error != std::errc{} || rest != end || index < 0 || index > std::numeric_limits<at::DeviceIndex>::max())
    return {};
  return static_cast<at::DeviceIndex>(index);
}

}  // namespace

at::Device resolve_device(const std::string& device) {
  if (device == "cpu") return at::kCPU;
  if (device == "auto")
    return at::hasCUDA() && device_works({at::kCUDA, 0}) ? at::Device(at::kCUDA, 0) : at::kCPU;
  const auto index = cuda_index(device);
  const at::Device wanted(at::kCUDA, index.value_or(0));
  if (!index || !device_works(wanted))
    throw UnavailableError(fmt::format("device: {} is not available here{}; use device: cpu or device: auto",
                                       device,
                                       at::hasCUDA() ? " (is the GPU visible? see CUDA_VISIBLE_DEVICES)"
                                                     : " (this LibTorch has no CUDA, or no GPU is visible)"));
  return wanted;
}

network::Precision resolve_precision(job::Precision precision, const at::Device& device) {
  switch (precision) {
    case job::Precision::fp32:
      return network::Precision::fp32;
    case job::Precision::bf16:
      if (!network::has_bf16(device))
        throw UnavailableError(
            "precision: bf16 needs a processor with AVX512-BF16 or AMX, which this one has not; use "
            "precision: fp32 or auto");
      return network::Precision::bf16;
    case job::Precision::fp16:
      if (device.is_cpu())
        throw UnavailableError("precision: fp16 needs a GPU; use precision: bf16, fp32 or auto on the CPU");
      return network::Precision::fp16;
    case job::Precision::automatic:
      break;
  }
  return network::best_precision(device);
}

network::InputScaling input_scaling(const cards::NetworkInput& input) {
  network::InputScaling scaling;
  scaling.scale = input.scale;
  scaling.mean = input.mean;
  scaling.std = input.std;
  scaling.order =
      input.order == "bgr" ? network::InputScaling::Order::bgr : network::InputScaling::Order::rgb;
  return scaling;
}

}  // namespace dreamreel::model
