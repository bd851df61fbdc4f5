// Passes recorded once for each size and then replayed: a GPU gets all kernels of a pass in one call, where LibTorch's
// operators one by one keep it waiting for the host. Here stands when a pass is recorded, and when it is run plainly
// after all; how one is recorded is a Recorder's (cuda_recorder.cpp has the one for CUDA).
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dreamreel::network {

/// A pure function of a picture's tensor, whose results have autograd behind them where the picture requires grad.
using PassFunction = std::function<std::vector<at::Tensor>(const at::Tensor&)>;

/// One forward and one backward pass for inputs of one size. One thread; the backward pass belongs to the last forward pass.
class RecordedPass {
 public:
  virtual ~RecordedPass() = default;
  /// What the function gave, in memory of its own, without autograd.
  virtual std::vector<at::Tensor> forward(const at::Tensor& input) = 0;
  /// The gradient to the input, in memory of its own. One for each result; an undefined one counts as 0.
  virtual at::Tensor backward(const std::vector<at::Tensor>& gradients) = 0;
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Runs `pass`, all of whose results are defined, a few times. `bytes`: what one pass is thought to take. Throws
  /// c10::Error or Error for what cannot be recorded (anything that waits for the device), or where there is not the
  /// memory for it.
  virtual std::unique_ptr<RecordedPass> record(const at::Tensor& input, const PassFunction& pass,
                                               std::int64_t bytes) = 0;
};

/// nullptr for any other device than CUDA, and where dreamreel was built without (DREAMREEL_CUDA).
std::unique_ptr<Recorder> cuda_recorder(const at::Device& device);

struct Recordings;

/// One thread.
class RecordedExecutor {
 public:
  /// Passes of one size and with the same layers needed that are run plainly before they are recorded: sizes that are
  /// seen once are not worth it.
  static constexpr int kPlainPasses = 8;
  static constexpr std::size_t kMostRecordings = 16;  ///< the one used longest ago goes
  static constexpr int kMostTries = 2;                ///< to record one

  /// `source` names the network in messages.
  RecordedExecutor(std::unique_ptr<Recorder> recorder, std::string source);
  ~RecordedExecutor();
  RecordedExecutor(const RecordedExecutor&) = delete;
  RecordedExecutor& operator=(const RecordedExecutor&) = delete;

  /// What `plain` gives, undefined results included, with a backward pass behind it where `input` requires grad. Runs
  /// plainly without a gradient; where a recording is not there yet or failed (which is logged once); and where the
  /// results of a replayed pass still wait for their backward pass, since recordings share their memory. `plain` always
  /// does the same for the same `needed`; it has to stay callable as long as gradients of gradients are asked for.
  std::vector<at::Tensor> run(const at::Tensor& input, const std::vector<bool>& needed,
                              const PassFunction& plain, std::int64_t bytes);

  /// Recordings there are.
  std::size_t recordings() const;

 private:
  std::unique_ptr<Recordings> recordings_;
};

}  // namespace dreamreel::network
