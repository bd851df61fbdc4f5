// Passes that are recorded once for each size and then replayed. A GPU then gets all kernels of a pass in one
// call; with LibTorch's operators one by one, it waits for the host. This file decides whether a pass is
// recorded or runs without recording. A Recorder records it; cuda_recorder.h has the one for CUDA.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dreamreel::network {

/// A pure function of a picture. If the picture requires a gradient, autograd stands behind its results.
using PassFunction = std::function<std::vector<at::Tensor>(const at::Tensor&)>;

/// One forward and one backward pass for inputs of one size. It must be used by one thread. The backward pass
/// belongs to the last forward pass.
class RecordedPass {
 public:
  virtual ~RecordedPass() = default;
  /// The function's results, in memory of their own, without autograd.
  virtual std::vector<at::Tensor> forward(const at::Tensor& input) = 0;
  /// The gradient to the input, in memory of its own. `gradients` has one for each result; an undefined one
  /// counts as 0.
  virtual at::Tensor backward(const std::vector<at::Tensor>& gradients) = 0;
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Runs `pass` a few times; all of its results have to be defined. `bytes` is the estimated memory of one
  /// pass. Throws c10::Error or Error for a pass that cannot be recorded because it waits for the device, and
  /// if the memory does not suffice.
  virtual std::unique_ptr<RecordedPass> record(const at::Tensor& input, const PassFunction& pass,
                                               std::int64_t bytes) = 0;
};

struct Recordings;

/// Must be used by one thread.
class RecordedExecutor {
 public:
  /// How many passes with one size and one set of needed layers run before they are recorded. Sizes that
  /// occur only once are not worth a recording.
  static constexpr int kPlainPasses = 8;
  static constexpr std::size_t kMostRecordings = 16;  ///< the one that was used longest ago goes
  static constexpr int kMostTries = 2;                ///< attempts to record one pass

  /// `source` names the network in messages.
  RecordedExecutor(std::unique_ptr<Recorder> recorder, std::string source);
  ~RecordedExecutor();
  RecordedExecutor(const RecordedExecutor&) = delete;
  RecordedExecutor& operator=(const RecordedExecutor&) = delete;

  /// Returns what `plain` returns, undefined results included, with a backward pass behind it if `input`
  /// requires a gradient.
  ///
  /// `plain` runs without recording in three cases: no gradient is needed; there is no recording yet, or
  /// recording failed (which is logged once); or results of a replayed pass still wait for their backward
  /// pass, since recordings share their memory. `plain` must do the same each time for the same `needed`. It
  /// must stay callable while gradients of gradients can be asked for.
  std::vector<at::Tensor> run(const at::Tensor& input, const std::vector<bool>& needed,
                              const PassFunction& plain, std::int64_t bytes);

  /// How many recordings exist.
  std::size_t recordings() const;

 private:
  std::unique_ptr<Recordings> recordings_;
};

}  // namespace dreamreel::network
