#include "support/red_network.h"

#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::test {

std::filesystem::path write_red_network(const std::filesystem::path& folder, int side) {
  OnnxModel model;
  std::string picture = "picture";
  if (side > 0) {
    // A constant with a fixed size on the way, as exporters write it.
    auto& dims = *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
    dims.mutable_dim(2)->set_dim_value(side);
    dims.mutable_dim(3)->set_dim_value(side);
    model.weights("shade", {1, 1, side, side}, std::vector<float>(static_cast<std::size_t>(side * side), 1));
    picture = "shaded";
    model.node("Mul", picture, {"picture", "shade"});
  }
  auto& pool = model.node("AveragePool", "blocks", {picture});
  set_ints(pool, "kernel_shape", {8, 8});
  set_ints(pool, "strides", {8, 8});
  model.weights("w", {3, 3, 1, 1}, {0, 0, 0, 40, -20, -20, -40, 20, 20});
  model.weights("b", {3}, {-3, -10, 10});
  model.node("Conv", "maps", {"blocks", "w", "b"});
  model.node("GlobalAveragePool", "whole", {"maps"});
  model.output("maps");
  model.output("whole");
  write_file(folder / "red_labels.txt", "sky\nred thing\nrest\n");
  write_file(folder / "red.yaml",
             "name: red\nfile: red.onnx\nlabels: red_labels.txt\nclasses: [maps]\nside: 128\n");
  return model.write(folder / "red.onnx");
}

}  // namespace dreamreel::test
