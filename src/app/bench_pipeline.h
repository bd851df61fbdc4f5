// `dreamreel bench --pipeline`: times a whole render instead of single steps.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::app {

struct PipelineArguments {
  std::string network;              ///< name of a card, or an .onnx file
  std::vector<std::string> layers;  ///< not empty
  int width = 0, height = 0;        ///< px, size of the clip to make; ignored if `clip` is set
  int frames = 0;
  std::filesystem::path clip;  ///< the clip to render; empty: one is made
  std::string device, precision, executor;
  bool json = false;
};

/// Renders in a temporary folder, and prints where the time went. Throws what a render throws.
void bench_pipeline(const PipelineArguments& arguments);

}  // namespace dreamreel::app
