// Records passes as CUDA graphs. Compiled only if LibTorch has CUDA (DREAMREEL_CUDA); otherwise
// no_recorder.cpp takes its place.
//
// The API is LibTorch 1.13's. In 2.x, capture_begin() also has a mode, whose default does the same as 1.13:
// while a pass is captured, no other thread may allocate on a GPU. No thread does, because the ascending
// thread does all of a render's work on the GPU.
#include "cuda_recorder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#include <fmt/core.h>
#include <torch/csrc/autograd/autograd.h>

#include <string>
#include <utility>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

constexpr int kWarmUps = 3;  // as in PyTorch: cuDNN and cuBLAS choose algorithms in the first passes

// One pass in the graphs' memory, one in ordinary memory for passes that run beside them, and room for the
// rest.
constexpr std::int64_t kPassesThatFit = 3;

using Pool = decltype(at::cuda::graph_pool_handle());

template <typename Body>
void capture(at::cuda::CUDAGraph& graph, const Pool& pool, const Body& body) {
  graph.capture_begin(pool);
  try {
    body();
  } catch (...) {
    try {
      graph.capture_end();         // otherwise the stream would go on capturing
    } catch (const c10::Error&) {  // only says that the capture has failed
    }
    throw;
  }
  graph.capture_end();
}

class CudaPass : public RecordedPass {
 public:
  // The current stream has to be another than the default stream, which cannot be captured.
  CudaPass(const at::Tensor& input, const PassFunction& pass, const Pool& pool)
      : leaf_(input.clone().requires_grad_(true)), input_(leaf_.detach()) {
    const at::AutoGradMode with_gradient(true);
    for (int i = 0; i < kWarmUps; ++i) {
      cotangents_.clear();
      const auto outputs = pass(leaf_);
      for (const auto& output : outputs) cotangents_.push_back(at::zeros_like(output));
      gradient_of(outputs);
    }
    c10::cuda::getCurrentCUDAStream().synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // leaves room for the graphs' own memory
    capture(forward_, pool, [&] { outputs_ = pass(leaf_); });
    capture(backward_, pool, [&] { gradient_ = gradient_of(outputs_); });
    for (auto& output : outputs_) output = output.detach();
    c10::cuda::getCurrentCUDAStream().synchronize();
  }

  std::vector<at::Tensor> forward(const at::Tensor& input) override {
    input_.copy_(input, /*non_blocking=*/true);
    forward_.replay();
    std::vector<at::Tensor> outputs;
    for (const auto& output : outputs_) outputs.push_back(output.clone());
    return outputs;
  }

  at::Tensor backward(const std::vector<at::Tensor>& gradients) override {
    for (std::size_t i = 0; i < cotangents_.size(); ++i) {
      if (gradients.at(i).defined())
        cotangents_[i].copy_(gradients[i], /*non_blocking=*/true);
      else
        cotangents_[i].zero_();
    }
    backward_.replay();
    return gradient_.clone();
  }

 private:
  at::Tensor gradient_of(const std::vector<at::Tensor>& outputs) const {
    return torch::autograd::grad(outputs, {leaf_}, cotangents_).at(0);
  }

  at::Tensor leaf_, input_;  // both are the same memory
  std::vector<at::Tensor> outputs_, cotangents_;
  at::Tensor gradient_;
  at::cuda::CUDAGraph forward_, backward_;
};

class CudaRecorder : public Recorder {
 public:
  std::unique_ptr<RecordedPass> record(const at::Tensor& input, const PassFunction& pass,
                                       std::int64_t bytes) override {
    const c10::cuda::CUDAGuard on_device(input.device());
    expect_memory_for(bytes);
    c10::cuda::device_synchronize();
    const c10::cuda::CUDAStreamGuard aside(
        c10::cuda::getStreamFromPool(/*isHighPriority=*/false, input.device().index()));
    return std::make_unique<CudaPass>(input, pass, pool_);
  }

 private:
  static void expect_memory_for(std::int64_t bytes) {
    c10::cuda::CUDACachingAllocator::emptyCache();
    std::size_t free = 0, total = 0;
    if (const auto error = cudaMemGetInfo(&free, &total); error != cudaSuccess)
      throw RenderError(std::string("cannot ask for the GPU's free memory: ") + cudaGetErrorString(error));
    if (static_cast<std::int64_t>(free) < kPassesThatFit * bytes)
      throw RenderError(
          fmt::format("a pass takes {} MiB, and {} MiB are free on the GPU, less than {} times that",
                      bytes >> 20, free >> 20, kPassesThatFit));
  }

  // All passes share this memory, because only one runs at a time. So the largest pass's memory serves them
  // all.
  const Pool pool_ = at::cuda::graph_pool_handle();
};

}  // namespace

std::unique_ptr<Recorder> cuda_recorder(const at::Device& device) {
  if (!device.is_cuda()) return nullptr;
  return std::make_unique<CudaRecorder>();
}

}  // namespace dreamreel::network
