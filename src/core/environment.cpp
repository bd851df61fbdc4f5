#include "dreamreel/core/environment.h"

#include <cstdlib>

namespace dreamreel {

std::string environment(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? "" : text;
}

}  // namespace dreamreel
