// A network for tests of masks that networks make: it sees what is red.
#pragma once

#include <filesystem>

namespace dreamreel::test {

/// Writes FOLDER/red.onnx, its card red.yaml and its labels, and returns the network's path. Its classes are
/// "sky", "red thing" and "rest". Layer maps has a position each 8 px, whose logit for the red thing is above
/// 0 where red is higher than green and blue by 0.25 in the mean. Layer whole is the mean of maps over all
/// positions. `side`: px; the file takes squares of this side alone, 0: any picture.
std::filesystem::path write_red_network(const std::filesystem::path& folder, int side = 0);

}  // namespace dreamreel::test
