// Tests when a pass is recorded, replayed or run without recording, with a recorder that needs no GPU. Its
// passes keep their own memory, as on a GPU. So an executor that mixed up passes would return wrong numbers.
#include "recorded_executor.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "cuda_recorder.h"
#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

struct Counts {
  int recorded = 0, tried = 0, replayed = 0, pulled_back = 0, failures = 0;
  std::int64_t bytes = 0;
};

// (1,3,h,w) -> {x^2 summed over all pixels, undefined, tanh x}
std::vector<at::Tensor> plain_function(const at::Tensor& x) {
  return {(x * x).sum({2, 3}, true), at::Tensor(), x.tanh()};
}

class FakePass : public RecordedPass {
 public:
  FakePass(const at::Tensor& input, Counts& counts)
      : leaf_(input.clone().requires_grad_(true)), counts_(counts) {}
  std::vector<at::Tensor> forward(const at::Tensor& input) override {
    ++counts_.replayed;
    const at::AutoGradMode with_gradient(true);
    leaf_.detach().copy_(input);
    const auto values = plain_function(leaf_);
    outputs_ = {values[0], values[2]};
    return {values[0].detach().clone(), values[2].detach().clone()};
  }
  at::Tensor backward(const std::vector<at::Tensor>& gradients) override {
    ++counts_.pulled_back;
    std::vector<at::Tensor> cotangents;
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      cotangents.push_back(gradients[i].defined() ? gradients[i] : at::zeros_like(outputs_[i]));
    // Throws if the forward pass was not run again: autograd has used it up.
    return torch::autograd::grad(outputs_, {leaf_}, cotangents)[0];
  }

 private:
  at::Tensor leaf_;
  std::vector<at::Tensor> outputs_;
  Counts& counts_;
};

class FakeRecorder : public Recorder {
 public:
  explicit FakeRecorder(Counts& counts) : counts_(counts) {}
  std::unique_ptr<RecordedPass> record(const at::Tensor& input, const PassFunction& pass,
                                       std::int64_t bytes) override {
    ++counts_.tried;
    counts_.bytes = bytes;
    if (counts_.failures-- > 0) throw RenderError("no memory");
    ++counts_.recorded;
    EXPECT_FALSE(input.requires_grad());
    const auto results = pass(input);  // a recording replays one run
    EXPECT_EQ(results.size(), 2U);
    for (const auto& result : results) EXPECT_TRUE(result.defined());
    return std::make_unique<FakePass>(input, counts_);
  }

 private:
  Counts& counts_;
};

class Recorded : public testing::Test {
 protected:
  Recorded() : executor(std::make_unique<FakeRecorder>(counts), "test") {}

  std::vector<at::Tensor> run(const at::Tensor& x, const std::vector<bool>& needed = {}) {
    return executor.run(x, needed, plain_function, 1000);
  }
  // Runs one pass, forward and backward, and compares it with the function itself.
  void pass(const at::Tensor& picture, const std::vector<bool>& needed = {}) {
    const at::Tensor x = picture.clone().requires_grad_(true), y = picture.clone().requires_grad_(true);
    const auto got = run(x, needed), expected = plain_function(y);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].defined(), expected[i].defined());
      if (got[i].defined()) {
        EXPECT_TRUE(at::equal(got[i], expected[i]));
      }
    }
    const auto cotangents = std::vector<at::Tensor>{at::full_like(got[0], 0.5), at::full_like(got[2], 2)};
    EXPECT_TRUE(at::equal(torch::autograd::grad({got[0], got[2]}, {x}, cotangents)[0],
                          torch::autograd::grad({expected[0], expected[2]}, {y}, cotangents)[0]));
  }
  static at::Tensor picture(int side = 6) { return at::rand({1, 3, side, side}, at::kDouble); }

  Counts counts;
  RecordedExecutor executor;
};

TEST_F(Recorded, OnceASizeHasComeOften) {
  for (int i = 0; i < RecordedExecutor::kPlainPasses; ++i) pass(picture());
  EXPECT_EQ(counts.tried, 0);
  for (int i = 0; i < 3; ++i) pass(picture());
  EXPECT_EQ(counts.recorded, 1);
  EXPECT_EQ(counts.replayed, 3);
  EXPECT_EQ(counts.pulled_back, 3);
  EXPECT_EQ(counts.bytes, 1000);
}

TEST_F(Recorded, EachSizeLayoutAndSetOfLayersForItself) {
  for (int i = 0; i < RecordedExecutor::kPlainPasses + 1; ++i) {
    pass(picture());
    pass(picture(8));
    pass(picture(), {true, false, true});
    pass(picture().contiguous(at::MemoryFormat::ChannelsLast));
  }
  EXPECT_EQ(counts.recorded, 4);
  EXPECT_EQ(executor.recordings(), 4U);
}

TEST_F(Recorded, NothingWithoutAGradient) {
  for (int i = 0; i < 2 * RecordedExecutor::kPlainPasses; ++i) {
    run(picture());
    const at::NoGradGuard no_grad;
    run(picture().requires_grad_(true));
  }
  EXPECT_EQ(counts.tried, 0);
}

TEST_F(Recorded, PlainWhileAnotherPassWaitsForItsGradient) {
  for (int i = 0; i <= RecordedExecutor::kPlainPasses; ++i) pass(picture());
  const at::Tensor first = picture().requires_grad_(true), second = picture().requires_grad_(true);
  const int before = counts.replayed;
  {
    const auto waiting = run(first);
    const auto beside = run(second);
    EXPECT_EQ(counts.replayed, before + 1);
    EXPECT_TRUE(
        at::allclose(torch::autograd::grad({beside[2].sum()}, {second})[0], 1 - second.tanh().square()));
    EXPECT_TRUE(
        at::allclose(torch::autograd::grad({waiting[2].sum()}, {first})[0], 1 - first.tanh().square()));
  }
  pass(picture());
  EXPECT_EQ(counts.replayed, before + 2);
}

TEST_F(Recorded, ASecondBackwardPassHasItsForwardPassAgain) {
  for (int i = 0; i <= RecordedExecutor::kPlainPasses; ++i) pass(picture());
  const at::Tensor x = picture().requires_grad_(true);
  const auto got = run(x);
  const at::Tensor sum = got[2].sum();
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(at::allclose(torch::autograd::grad({sum}, {x}, {}, true)[0], 1 - x.tanh().square()));
  EXPECT_EQ(counts.pulled_back, 3);
  EXPECT_EQ(counts.replayed, 3);  // the last one is for the second backward pass
}

TEST_F(Recorded, GradientsOfGradientsAreThePlainOnes) {
  for (int i = 0; i <= RecordedExecutor::kPlainPasses; ++i) pass(picture());
  const at::Tensor x = picture().requires_grad_(true);
  const auto gradient = torch::autograd::grad({run(x)[0].sum()}, {x}, {}, true, true)[0];
  EXPECT_TRUE(at::allclose(gradient, 2 * x));
  EXPECT_TRUE(at::allclose(torch::autograd::grad({gradient.sum()}, {x})[0], at::full_like(x, 2)));
}

TEST_F(Recorded, AFailureIsTriedOnceMoreAndThenLeftAlone) {
  counts.failures = RecordedExecutor::kMostTries - 1;
  for (int i = 0; i < RecordedExecutor::kPlainPasses + 4; ++i) pass(picture());
  EXPECT_EQ(counts.tried, RecordedExecutor::kMostTries);
  EXPECT_EQ(counts.recorded, 1);
  counts.failures = 100;
  for (int i = 0; i < RecordedExecutor::kPlainPasses + 4; ++i) pass(picture(8));
  EXPECT_EQ(counts.tried, 2 * RecordedExecutor::kMostTries);
  EXPECT_EQ(counts.recorded, 1);
}

TEST_F(Recorded, TheOneUsedLongestAgoGoes) {
  const auto most = static_cast<int>(RecordedExecutor::kMostRecordings);
  for (int side = 1; side <= most + 1; ++side)
    for (int i = 0; i <= RecordedExecutor::kPlainPasses; ++i) pass(picture(side));
  EXPECT_EQ(counts.recorded, most + 1);
  EXPECT_EQ(executor.recordings(), RecordedExecutor::kMostRecordings);
  pass(picture(2));
  EXPECT_EQ(counts.recorded, most + 1);
  pass(picture(1));
  // Side 1 took the place of side 3's recording, and its passes are counted from the start again.
  EXPECT_EQ(executor.recordings(), RecordedExecutor::kMostRecordings - 1);
}

TEST(CudaRecorder, IsNotThereForACpu) {
  EXPECT_EQ(cuda_recorder(at::kCPU), nullptr);
}

}  // namespace
}  // namespace dreamreel::network
