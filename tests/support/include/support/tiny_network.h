// A small convolutional network for tests that must not need a download.
#pragma once

#include <filesystem>

namespace dreamreel::test {

/// Writes FOLDER/tiny.onnx, always with the same bits, and returns its path. The input is (N,3,H,W). The
/// layers, with channels and input pixels per position:
///   conv1, relu1 (8, 2) - pool1 (8, 4) - conv2a, relu2a and conv2b, relu2b (8 each, 4) - mixed1 (16, 4)
///   - conv3, relu3 (16, 8)
/// No activation vanishes or grows without bound for pictures in [0,1].
std::filesystem::path write_tiny_network(const std::filesystem::path& folder);

}  // namespace dreamreel::test
