#include "dreamreel/core/trust.h"

#include <cstdlib>
#include <string_view>

namespace dreamreel {

bool trusts_ffmpeg() {
  const char* const value = std::getenv(kTrustVariable);
  return value != nullptr && std::string_view(value) == kTrustValue;
}

void trust_ffmpeg() {
  setenv(kTrustVariable, kTrustValue, /*overwrite=*/1);
}

}  // namespace dreamreel
