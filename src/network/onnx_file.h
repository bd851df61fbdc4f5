// Opens an .onnx file and parses its message, in memory that the file's size bounds.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <memory>

namespace dreamreel::network {

/// Throws InputError, naming the file, if it is missing, no regular file, truncated or no ONNX message; and
/// if the message would take far more memory than the file has bytes, as one of a million empty nodes would.
std::shared_ptr<const onnx::ModelProto> parse_onnx_file(const std::filesystem::path& path);

}  // namespace dreamreel::network
