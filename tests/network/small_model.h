// One convolution and its ReLU: a file to be read whole, or damaged.
#pragma once

#include "support/onnx_model.h"

namespace dreamreel::test {

/// Input "picture" (N,3,H,W), layers "conv1" and "relu1" of two channels.
inline OnnxModel small_model() {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 2, 1);
  model.node("Relu", "relu1", {"conv1"});
  model.output("relu1");
  return model;
}

}  // namespace dreamreel::test
