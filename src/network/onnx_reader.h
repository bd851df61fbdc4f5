// Reads an ONNX file into a Graph, and trusts nothing in it.
#pragma once

#include <filesystem>

#include "graph.h"

namespace onnx {
class ModelProto;
}

namespace dreamreel::network {

/// The opsets that the operators of this module implement.
inline constexpr std::int64_t kMinOpset = 7, kMaxOpset = 18;

/// Throws InputError, naming the file, if the file is missing, truncated or not a valid ONNX graph. In a
/// valid graph every name is made once, before it is used, and every tensor has as many numbers as its dims
/// say. Throws UnavailableError for an opset older than kMinOpset.
Graph read_graph(const std::filesystem::path& path);

/// Reads a graph from a message in memory. `source` is the file's name in messages; `folder` is where
/// external data lies.
Graph read_graph(std::shared_ptr<const onnx::ModelProto> model, const std::string& source,
                 const std::filesystem::path& folder);

}  // namespace dreamreel::network
