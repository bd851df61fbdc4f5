#include "dreamreel/media/versions.h"

#include <ebur128.h>
#include <fmt/core.h>
#include <lcms2.h>

#include "libav.h"

namespace dreamreel::media {
namespace {

std::string ebur128_version() {
  int major = 0, minor = 0, patch = 0;
  ebur128_get_version(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

/// 2140 is 2.14.
std::string lcms_version() {
  const int encoded = cmsGetEncodedCMMversion();
  return fmt::format("{}.{}", encoded / 1000, encoded % 1000 / 10);
}

}  // namespace

LibraryVersions library_versions() {
  return {{"FFmpeg", av_version_info()}, {"libebur128", ebur128_version()}, {"LittleCMS", lcms_version()}};
}

}  // namespace dreamreel::media
