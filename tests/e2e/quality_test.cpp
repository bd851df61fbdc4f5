// Tests the promise of the whole program, on real footage with the default network: a carried dream is far
// steadier than frames dreamed one by one, and no weaker.

#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "workbench.h"

namespace dreamreel::test {
namespace {

struct Quality {
  double warping_error = 0;
  double objective = 0;  // mean over all frames except the first, which both jobs dream alike
};

Quality render_and_measure(const Workbench& bench, const std::vector<std::string>& overrides) {
  const std::string footage = DREAMREEL_FOOTAGE "/vtest.avi";
  write_file(bench / "walkers.yaml",
             "input: {path: " + footage +
                 ", trim: [0f, 16f], filter: 'scale=256:192'}\n"
                 "output: {path: walkers.mkv, video: {codec: ffv1, pixel_format: gbrp16}}\n"
                 "dream: {objectives: [{layer: mixed3}, {layer: mixed5}], octaves: 3}\n");
  std::vector<std::string> args{"render", bench / "walkers.yaml", "--progress", "json"};
  for (const auto& override : overrides) args.insert(args.end(), {"--set", override});
  const auto rendered = bench.dreamreel(args);
  EXPECT_EQ(rendered.exit_code, 0) << rendered.err;
  Quality quality;
  std::istringstream lines(rendered.out);
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line);
    if (event["event"] == "frame" && event["frame"] > 0)
      quality.objective += event["objective"].get<double>() / 15;
  }
  const auto measured = bench.dreamreel({"measure", bench / "walkers.mkv", "--source", footage, "--filter",
                                         "scale=256:192", "--trim-end", "16f", "--json"});
  EXPECT_EQ(measured.exit_code, 0) << measured.err;
  quality.warping_error = nlohmann::json::parse(measured.out).at("warping_error");
  return quality;
}

// Over 16 frames, the dream is still growing, which counts as change. Over 60 frames, the ratio is above 8
// (measured with decorrelate: 0).
constexpr double kTimesSteadier = 4;

TEST(Quality, TheDreamSticksToWalkingPeople) {
  const Workbench bench;
  const auto carried = render_and_measure(bench, {});
  const auto alone =
      render_and_measure(bench, {"temporal.flow=none", "temporal.blend=0", "temporal.iterations=10"});
  EXPECT_LT(carried.warping_error, alone.warping_error / kTimesSteadier);
  EXPECT_GE(carried.objective, alone.objective);
  std::printf("warping error %.3g against %.3g (1/%.1f), objective %.3g against %.3g\n",
              carried.warping_error, alone.warping_error, alone.warping_error / carried.warping_error,
              carried.objective, alone.objective);
}

}  // namespace
}  // namespace dreamreel::test
