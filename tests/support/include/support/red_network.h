// A network that sees red things, for tests of masks that networks make.
#pragma once

#include <filesystem>

namespace dreamreel::test {

/// Writes FOLDER/red.onnx, its card red.yaml and its labels, and returns the network's path. Its classes are
/// "sky", "red thing" and "rest".
///
/// Layer maps has a position every 8 px. Its logit for the red thing is above 0 where red exceeds green and
/// blue by 0.25 on average. Layer whole is the mean of maps over all positions. If `side` is not 0, the file
/// accepts only squares of this side, px.
std::filesystem::path write_red_network(const std::filesystem::path& folder, int side = 0);

}  // namespace dreamreel::test
