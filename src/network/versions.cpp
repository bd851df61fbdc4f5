#include "dreamreel/network/versions.h"

#include <fmt/core.h>
#include <onnx/common/version.h>
#include <torch/version.h>

#include "onednn.h"

namespace dreamreel::network {
namespace {

std::string onednn_version() {
  const dnnl_version_t* const version = dnnl_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

}  // namespace

LibraryVersions library_versions() {
  return {{"LibTorch", TORCH_VERSION},
          {"oneDNN", onednn_version()},
          {"onnx", ONNX_NAMESPACE::LAST_RELEASE_VERSION}};
}

}  // namespace dreamreel::network
