// Runs the network of a mask on one picture. The result is a map of where a person is, or a thing of another
// class.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/class_probabilities.h"

namespace dreamreel::masking {

/// Runs on the CPU in float32 on every machine, so that the machines of a farm get the same mattes. One
/// thread.
class MatteNetwork {
 public:
  /// Loads the network of a mask with `from: person` or `from: class`. `key` is the mask's key, for messages.
  /// Throws what loading a network throws. Throws JobError if the network rates only whole pictures, if it
  /// does not have the class, or if a picture of kMostSeenSide px has no room for the windows.
  MatteNetwork(const job::Mask& mask, const std::string& key);

  /// The probability that the class is at a pixel: (1,H,W) in [0,1], for `picture`, (3,H,W) in [0,1]. If the
  /// network has several layers of classes, the largest probability counts. The network sees the whole
  /// picture at the size of its training pictures. With `windows`, it also sees overlapping windows of a
  /// larger picture, which fade into each other, and the larger of both probabilities counts. Some networks
  /// take pictures of only one size. They see the picture stretched to that size, by at most 1.5; a longer
  /// picture is seen through several windows.
  at::Tensor rate(const at::Tensor& picture) const;

  /// The longer side, in px, of a picture that is large enough for the network and its windows.
  std::int64_t longest_side() const { return side_ * windows_; }
  /// Pixels of such a picture for each position of the finest map.
  double pixels_per_position() const { return pixels_per_position_; }
  /// The largest number of bytes that rate() and the network itself take, without the picture.
  std::int64_t bytes(image::Size picture) const;

 private:
  struct View;
  View view_of(image::Size picture, std::int64_t windows) const;
  at::Tensor rate_through(const at::Tensor& picture, const View& view) const;
  at::Tensor rate_window(const at::Tensor& window) const;
  void try_it(const cards::NetworkRef& ref, const std::string& key);

  network::Network network_;
  std::vector<network::ClassScale> scales_;
  std::int64_t channel_ = 0, side_, windows_;
  double pixels_per_position_ = 1;
};

}  // namespace dreamreel::masking
