// What the network of a mask sees in one picture: a map of where a person is, or something of another class.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// Runs on the CPU in float32, whatever the job dreams on, so that the machines of a farm see the same. One thread.
class MatteNetwork {
 public:
  /// Loads the network of a mask made from: person or class. `key` is the mask's, for messages. Throws what loading a
  /// network throws, and JobError for a network that rates only whole pictures, or a class that it does not have.
  MatteNetwork(const job::Mask& mask, const std::string& key);

  /// The probability that the class is at a pixel, (1,H,W) in [0,1] of the size of `picture`, (3,H,W): the largest of the
  /// network's layers of classes. The network sees the whole picture at the size of the pictures that it was trained on,
  /// and, where the mask says windows, overlapping windows of a larger one, whose edges fade into each other. The larger
  /// of the two probabilities counts.
  at::Tensor rate(const at::Tensor& picture) const;

  /// px: the longer side of a picture that shows the network all that it looks for.
  std::int64_t longest_side() const { return side_ * windows_; }
  /// Pixels of such a picture that one position of the finest map stands for.
  double pixels_per_position() const { return pixels_per_position_; }

 private:
  at::Tensor rate_whole(const at::Tensor& picture, std::int64_t longer_side) const;
  at::Tensor rate_window(const at::Tensor& window) const;
  void try_it(const job::NetworkRef& ref, const std::string& key);

  network::Network network_;
  std::int64_t channel_ = 0, side_, windows_;
  double pixels_per_position_ = 1;
};

}  // namespace dreamreel::render
