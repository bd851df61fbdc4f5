// Runs a test's graph as it is, without any rewrite.
#pragma once

#include <ATen/core/Tensor.h>

#include "autograd_executor.h"
#include "onnx_reader.h"
#include "rewrites.h"
#include "support/onnx_model.h"

namespace dreamreel::network {

inline Graph graph_of(const test::OnnxModel& model, const std::filesystem::path& folder = {}) {
  return read_graph(std::make_shared<onnx::ModelProto>(model.proto()), "test.onnx", folder);
}

/// The value called `output` for `picture`.
inline at::Tensor run_model(const test::OnnxModel& model, const at::Tensor& picture,
                            const std::string& output) {
  auto graph = graph_of(model);
  for (std::size_t id = 0; id < graph.value_names.size(); ++id) {
    if (graph.value_names[id] != output) continue;
    cut(graph, {static_cast<ValueId>(id)});
    return run(compile(graph, graph.outputs, {}), {picture}, "test.onnx").at(0);
  }
  throw std::runtime_error("no value " + output);
}

}  // namespace dreamreel::network
