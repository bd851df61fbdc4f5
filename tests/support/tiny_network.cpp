#include "support/tiny_network.h"

#include "support/onnx_model.h"

namespace dreamreel::test {

std::filesystem::path write_tiny_network(const std::filesystem::path& folder) {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 8, 3, 2, 1);
  model.node("Relu", "relu1", {"conv1"});
  auto& pool = model.node("MaxPool", "pool1", {"relu1"});
  set_ints(pool, "kernel_shape", {2, 2});
  set_ints(pool, "strides", {2, 2});
  model.conv("conv2a", "pool1", 8, 8, 3, 1, 1);
  model.node("Relu", "relu2a", {"conv2a"});
  model.conv("conv2b", "pool1", 8, 8, 1);
  model.node("Relu", "relu2b", {"conv2b"});
  set_int(model.node("Concat", "mixed1", {"relu2a", "relu2b"}), "axis", 1);
  model.conv("conv3", "mixed1", 16, 16, 3, 2, 1);
  model.node("Relu", "relu3", {"conv3"});
  model.output("relu3");
  return model.write(folder / "tiny.onnx");
}

}  // namespace dreamreel::test
