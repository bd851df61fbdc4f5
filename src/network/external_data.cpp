#include "external_data.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

namespace fs = std::filesystem;

/// How many bytes tensors may share with each other. A network that shares more keeps its numbers in the
/// .onnx file.
constexpr std::size_t kMostShared = std::size_t{64} << 20;

class Descriptor {
 public:
  /// Opens without waiting: a pipe in the file's place would never answer.
  explicit Descriptor(const fs::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  /// nullopt if it is not a regular file.
  std::optional<std::size_t> size() const {
    struct stat status {};
    if (number_ < 0 || ::fstat(number_, &status) != 0 || !S_ISREG(status.st_mode)) return {};
    return static_cast<std::size_t>(status.st_size);
  }

  bool read(char* to, std::size_t size, std::size_t offset) const {
    while (size > 0) {
      const auto count = ::pread(number_, to, size, static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      to += count;
      offset += static_cast<std::size_t>(count);
      size -= static_cast<std::size_t>(count);
    }
    return true;
  }

 private:
  int number_;
};

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto inside = path.lexically_relative(folder);
  return !inside.empty() && *inside.begin() != "..";
}

std::string quoted(const std::string& location) {
  return fmt::format("its external data '{}'", location);
}

void check_location(const std::string& location) {
  const fs::path path(location);
  if (location.empty() || path.is_absolute() || location.find('\0') != std::string::npos)
    throw InputError(
        fmt::format("expected the external data's location relative to the network's folder, found '{}'",
                    location.c_str()));  // shown up to its first zero byte
  if (std::ranges::find(path, fs::path("..")) != path.end())
    throw InputError(quoted(location) + " lies outside the network's folder; keep it beside the network");
}

}  // namespace

ExternalFiles ExternalFiles::in(const fs::path& folder) {
  ExternalFiles files;
  std::error_code error;
  const auto root = fs::canonical(folder.empty() ? fs::path(".") : folder, error);
  if (!error) files.folders_.push_back(root);
  return files;
}

ExternalFiles ExternalFiles::beside(const fs::path& network) {
  auto files = in(network.parent_path());
  std::error_code error;
  const auto resolved = fs::canonical(network, error).parent_path();
  if (!error && std::ranges::find(files.folders_, resolved) == files.folders_.end())
    files.folders_.push_back(resolved);
  return files;
}

/// Searches beside the network as the user named it, then beside the file that a link leads to.
fs::path ExternalFiles::find(const std::string& location) const {
  check_location(location);
  for (const auto& folder : folders_) {
    std::error_code error;
    auto path = fs::canonical(folder / location, error);
    if (error) continue;
    if (std::ranges::none_of(folders_, [&](const fs::path& allowed) { return is_below(path, allowed); }))
      throw InputError(fmt::format(
          "{} lies outside the network's folder, where a link leads to '{}'; keep it beside the network",
          quoted(location), path.string()));
    if (fs::is_regular_file(path, error)) return path;
  }
  throw InputError(fmt::format("cannot read {}; keep it beside the network", quoted(location)));
}

Bytes ExternalFiles::read(const ExternalRange& range) {
  const auto path = find(range.location);
  const Descriptor file(path);
  const auto size = file.size();
  if (!size)
    throw InputError(fmt::format("cannot read {}; keep it beside the network", quoted(range.location)));
  if (range.offset > *size || range.size > *size - range.offset)
    throw InputError(fmt::format("expected {} bytes at {} in '{}', which has {}", range.size, range.offset,
                                 path.string(), *size));
  auto& so_far = bytes_read_[path];
  if (range.size > *size + kMostShared - so_far)
    throw InputError(fmt::format("{} has {} bytes, and the network's tensors ask for more than that together",
                                 quoted(range.location), *size));
  so_far += range.size;
  const auto buffer = std::make_shared_for_overwrite<char[]>(range.size);
  if (!file.read(buffer.get(), range.size, range.offset))
    throw InputError("cannot read " + quoted(range.location));
  return {buffer.get(), range.size, buffer};
}

}  // namespace dreamreel::network
