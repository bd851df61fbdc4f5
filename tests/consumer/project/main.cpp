// Uses a module without third parties and one with, through nothing but the installed headers and libraries.
#include <cmath>
#include <cstdio>

#include "dreamreel/core/random.h"
#include "dreamreel/core/time.h"
#include "dreamreel/image/frame.h"

int main() {
  const auto noise = dreamreel::image::noise_frame(40, 60, {.seed = 1}, dreamreel::Purpose::start_noise);
  const double mean = noise.mean().item<double>();
  std::printf("mean of the noise: %f\n", mean);
  // Far more than the standard error of 7200 numbers within [0, 1].
  const bool is_centred = std::abs(mean - 0.5) < 0.05;
  return is_centred && dreamreel::parse_rate("23.976") == dreamreel::Rational{24000, 1001} ? 0 : 1;
}
