// Uses a module without third parties and one with, through nothing but the installed headers and libraries.
#include <cstdio>
#include <vector>

#include "dreamreel/core/random.h"
#include "dreamreel/core/time.h"

int main() {
  std::vector<float> noise(1000);
  dreamreel::fill_uniform(noise, {.seed = 1}, dreamreel::Purpose::start_noise);
  double mean = 0;
  for (const float value : noise) mean += value / static_cast<double>(noise.size());
  std::printf("mean of the noise: %f\n", mean);
  // Four standard errors of a mean of 1000 uniform numbers.
  const bool is_uniform = mean > 0.5 - 0.037 && mean < 0.5 + 0.037;
  return is_uniform && dreamreel::parse_rate("23.976") == dreamreel::Rational{24000, 1001} ? 0 : 1;
}
