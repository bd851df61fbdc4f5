// What the network of a mask sees in one picture: a map of where a person is, or something of another class.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/class_probabilities.h"

namespace dreamreel::render {

/// Runs on the CPU in float32, whatever the job dreams on, so that the machines of a farm see the same. One thread.
class MatteNetwork {
 public:
  /// Loads the network of a mask made from: person or class. `key` is the mask's, for messages. Throws what
  /// loading a network throws, and JobError for a network that rates only whole pictures, a class that it
  /// does not have, or more windows than a picture of kMostSeenSide px has room for.
  MatteNetwork(const job::Mask& mask, const std::string& key);

  /// The probability that the class is at a pixel, (1,H,W) in [0,1] of the size of `picture`, (3,H,W): the
  /// largest of the network's layers of classes. The network sees the whole picture at the size of the
  /// pictures that it was trained on, and, where the mask says windows, overlapping windows of a larger one,
  /// whose edges fade into each other. The larger of the two probabilities counts. A network that takes
  /// pictures of one size alone sees the picture stretched to that size, by at most 1.5; a longer picture is
  /// seen through several windows.
  at::Tensor rate(const at::Tensor& picture) const;

  /// px: the longer side of a picture that shows the network all that it looks for.
  std::int64_t longest_side() const { return side_ * windows_; }
  /// Pixels of such a picture that one position of the finest map stands for.
  double pixels_per_position() const { return pixels_per_position_; }
  /// What rate() takes of memory at most, with the network itself, beside the picture.
  std::int64_t bytes(image::Size picture) const;

 private:
  struct View;
  View view_of(image::Size picture, std::int64_t windows) const;
  at::Tensor rate_through(const at::Tensor& picture, const View& view) const;
  at::Tensor rate_window(const at::Tensor& window) const;
  void try_it(const job::NetworkRef& ref, const std::string& key);

  network::Network network_;
  std::vector<network::ClassScale> scales_;
  std::int64_t channel_ = 0, side_, windows_;
  double pixels_per_position_ = 1;
};

}  // namespace dreamreel::render
