// Reads an ONNX file into a Graph, trusting nothing in it.
#pragma once

#include <filesystem>

#include "graph.h"

namespace onnx {
class ModelProto;
}

namespace dreamreel::network {

/// The opsets whose meaning the operators of this module know.
inline constexpr std::int64_t kMinOpset = 7, kMaxOpset = 18;

/// Throws InputError, naming the file, if it is missing, truncated or no valid ONNX graph: every name is made
/// once, before it is used; every stored tensor has as many numbers as its dims say. UnavailableError for an
/// opset older than kMinOpset.
Graph read_graph(const std::filesystem::path& path);

/// The same from a message in memory; `source` and `folder` stand for the file's name and place.
Graph read_graph(std::shared_ptr<const onnx::ModelProto> model, const std::string& source,
                 const std::filesystem::path& folder);

}  // namespace dreamreel::network
