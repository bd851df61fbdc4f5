#include "dreamreel/flow/versions.h"

#include <opencv2/core/utility.hpp>

namespace dreamreel::flow {

LibraryVersions library_versions() {
  return {{"OpenCV", cv::getVersionString()}};
}

}  // namespace dreamreel::flow
