// Numbers that an ONNX file keeps in other files. A network may come from a stranger, so it must not open
// files elsewhere.
//
// The rule is onnxruntime's. After all symbolic links are followed, the file must lie in or below one of two
// folders. One is the network's folder as the user named it. The other is the folder of the network's file
// after its own links are followed; the Hugging Face cache and card folders made of links need it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dreamreel::network {

/// Bytes and the object that keeps them alive.
struct Bytes {
  const char* data = nullptr;
  std::size_t size = 0;
  std::shared_ptr<const void> owner;
};

/// A part of another file that a tensor refers to.
struct ExternalRange {
  std::string location;  ///< path relative to the network, without ".."
  std::size_t offset = 0, size = 0;
};

class ExternalFiles {
 public:
  /// Allows files beside the network. `network` is the .onnx file's path as the user named it.
  static ExternalFiles beside(const std::filesystem::path& network);
  /// Allows only files in and below `folder`.
  static ExternalFiles in(const std::filesystem::path& folder);

  /// Throws InputError if the range does not exist, or if the file is not a regular file or lies elsewhere.
  /// The message does not name the tensor.
  ///
  /// Memory is taken only when the range is known to exist. Tensors may share numbers by pointing at the same
  /// range; beyond some megabytes more than the file holds, this is refused.
  Bytes read(const ExternalRange& range);

 private:
  std::filesystem::path find(const std::string& location) const;

  std::vector<std::filesystem::path> folders_;               ///< with all links followed
  std::map<std::filesystem::path, std::size_t> bytes_read_;  ///< from each file so far
};

}  // namespace dreamreel::network
