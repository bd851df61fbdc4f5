#include "dreamreel/footage/reader_options.h"

namespace dreamreel::footage {

media::ReaderOptions reader_options(const job::Input& input) {
  media::ReaderOptions options;
  options.path = input.path;
  options.filter = input.filter;
  options.trim_start = input.trim_start;
  options.trim_end = input.trim_end;
  options.frame_rate = input.fps;
  return options;
}

}  // namespace dreamreel::footage
