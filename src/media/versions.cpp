#include "dreamreel/media/versions.h"

#include <ebur128.h>
#include <lcms2.h>

#include "libav.h"

namespace dreamreel::media {
namespace {

std::string ebur128_version() {
  int major = 0, minor = 0, patch = 0;
  ebur128_get_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

/// 2140 is 2.14.
std::string lcms_version() {
  const int encoded = cmsGetEncodedCMMversion();
  return std::to_string(encoded / 1000) + "." + std::to_string(encoded % 1000 / 10);
}

}  // namespace

LibraryVersions library_versions() {
  return {{"FFmpeg", av_version_info()}, {"libebur128", ebur128_version()}, {"LittleCMS", lcms_version()}};
}

}  // namespace dreamreel::media
