#include "program.h"

namespace dreamreel::app {

std::filesystem::path program_path() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "dreamreel";
}

}  // namespace dreamreel::app
