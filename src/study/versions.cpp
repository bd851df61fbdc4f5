#include "dreamreel/study/versions.h"

#include <fmt/core.h>

#include "dreamreel/flow/versions.h"
#include "dreamreel/media/versions.h"
#include "dreamreel/network/versions.h"

namespace dreamreel::study {

std::string library_versions() {
  std::string text;
  for (const auto& libraries :
       {network::library_versions(), media::library_versions(), flow::library_versions()})
    for (const auto& library : libraries)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", library.name, library.version);
  return text;
}

}  // namespace dreamreel::study
