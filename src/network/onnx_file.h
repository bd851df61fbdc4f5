// Opens an .onnx file and parses its message. The memory that this takes is limited by the file's size.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <memory>

namespace dreamreel::network {

/// Throws InputError, naming the file, if the file is missing, truncated, not a regular file or not an ONNX
/// message. Also throws if the message would take far more memory than the file has bytes, such as a million
/// empty nodes.
std::shared_ptr<const onnx::ModelProto> parse_onnx_file(const std::filesystem::path& path);

}  // namespace dreamreel::network
