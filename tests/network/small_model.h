// One convolution and its ReLU, for tests that read or damage a file.
#pragma once

#include "support/onnx_model.h"

namespace dreamreel::test {

/// Has the input "picture" (N,3,H,W), and layers "conv1" and "relu1" with two channels.
inline OnnxModel small_model() {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 2, 1);
  model.node("Relu", "relu1", {"conv1"});
  model.output("relu1");
  return model;
}

}  // namespace dreamreel::test
