// A small convolutional network for tests that need one and have none to download.
#pragma once

#include <filesystem>

namespace dreamreel::test {

/// Writes FOLDER/tiny.onnx and returns its path. Always the same bits. Input (N,3,H,W); layers, with channels
/// and input pixels per position:
///   conv1, relu1 (8, 2) - pool1 (8, 4) - conv2a, relu2a and conv2b, relu2b (8 each, 4) - mixed1 (16, 4)
///   - conv3, relu3 (16, 8)
/// No activation vanishes or blows up for pictures in [0,1].
std::filesystem::path write_tiny_network(const std::filesystem::path& folder);

}  // namespace dreamreel::test
