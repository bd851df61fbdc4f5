// Numbers that an ONNX file keeps in other files. A network may come from anywhere and must open no file that
// is none of its business, so the rule is onnxruntime's: the file in question, all symbolic links followed,
// lies in or below the network's folder as it was named, or the folder that the network's own file is in when
// its links are followed. The second is how the Hugging Face cache and card folders made of links keep
// theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dreamreel::network {

/// Bytes with an owner.
struct Bytes {
  const char* data = nullptr;
  std::size_t size = 0;
  std::shared_ptr<const void> owner;
};

/// Part of another file, as a tensor asks for it.
struct ExternalRange {
  std::string location;  ///< relative to the network, without ".."
  std::size_t offset = 0, size = 0;
};

class ExternalFiles {
 public:
  /// `network`: the .onnx file as it was named.
  static ExternalFiles beside(const std::filesystem::path& network);
  /// Files in and below `folder` alone.
  static ExternalFiles in(const std::filesystem::path& folder);

  /// Throws InputError, whose message leaves out the tensor, for a range that is not there and for a file
  /// that is no regular one or lies elsewhere. Memory is taken when the range is known to be there, and for
  /// no more than the file holds: tensors that share numbers by pointing at the same ones are refused beyond
  /// some megabytes.
  Bytes read(const ExternalRange& range);

 private:
  std::filesystem::path find(const std::string& location) const;

  std::vector<std::filesystem::path> folders_;               ///< without links
  std::map<std::filesystem::path, std::size_t> bytes_read_;  ///< of each file so far
};

}  // namespace dreamreel::network
