// The input of filter chains in tests: small pictures, 25 a second.
#pragma once

#include <string>

#include "filter_chain.h"

namespace dreamreel::test {

inline media::FilterInput filter_input(const std::string& filter) {
  media::FilterInput input;
  input.width = 64;
  input.height = 48;
  input.format = AV_PIX_FMT_YUV420P;
  input.time_base = {1, 25};
  input.frame_rate = {25, 1};
  input.sample_aspect = {1, 1};
  input.user = filter;
  return input;
}

}  // namespace dreamreel::test
