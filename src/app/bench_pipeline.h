// `dreamreel bench --pipeline`: a whole render instead of single steps.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::app {

struct PipelineArguments {
  std::string network;              ///< a card, or an .onnx file
  std::vector<std::string> layers;  ///< not empty
  int width = 0, height = 0;        ///< of the clip that is made; without effect where there is `clip`
  int frames = 0;
  std::filesystem::path clip;  ///< or empty
  std::string device, precision, executor;
  bool json = false;
};

/// Renders in a folder of its own, which is removed, and prints where the time went. Throws what a render throws.
void bench_pipeline(const PipelineArguments& arguments);

}  // namespace dreamreel::app
