// Tests pictures that do not fit into the allowed memory. They are dreamed in tiles, and must look as without
// tiles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kLeastPsnr = 60;  // dB; only the order of sums differs, over a few steps

class TilesOfAStill : public testing::Test {
 protected:
  TilesOfAStill() {
    ffmpeg({"-f", "lavfi", "-i", "mandelbrot=size=1400x1100", "-frames:v", "1", bench_ / "still.png"});
    bench_.job();
  }

  ProcessResult run(const std::string& command, const std::string& output,
                    const std::vector<std::string>& more) const {
    std::vector<std::string> args{
        command, bench_ / "job.yaml", "--set", "input.path=" + (bench_ / "still.png").string(),
        "--set", "dream.jitter=0",    "-o",    bench_ / output};
    args.insert(args.end(), more.begin(), more.end());
    return bench_.dreamreel(args);
  }

  double psnr(const std::string& a, const std::string& b) const {
    const auto result = run_process({"ffmpeg", "-i", (bench_ / a).string(), "-i", (bench_ / b).string(),
                                     "-lavfi", "psnr", "-f", "null", "-"});
    std::smatch found;
    if (!std::regex_search(result.err, found, std::regex("average:([0-9.]+|inf)")))
      throw std::runtime_error("ffmpeg: " + result.err);
    return found[1] == "inf" ? 1000 : std::stod(found[1]);
  }

  const Workbench bench_;
};

TEST_F(TilesOfAStill, ThePictureIsTheSame) {
  const auto whole = run("render", "whole.png", {"--memory", "8GiB"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.err, Not(HasSubstr("tiles of")));
  const auto refused = run("render", "tiled.png", {"--memory", "100M"});
  EXPECT_EQ(refused.exit_code, 64);
  std::smatch smallest;
  ASSERT_TRUE(
      std::regex_search(refused.err, smallest, std::regex("smallest that works is --memory ([0-9.]+[MG]iB)")))
      << refused.err;
  EXPECT_THAT(bench_.files("tiled"), testing::IsEmpty());
  const auto tiled = run("render", "tiled.png", {"--memory", smallest[1]});
  ASSERT_EQ(tiled.exit_code, 0) << tiled.err;
  EXPECT_THAT(tiled.err, HasSubstr("tiles of"));
  EXPECT_GT(psnr("tiled.png", "whole.png"), kLeastPsnr);
  const auto checked = run("check", "tiled.png", {"--memory", smallest[1]});
  EXPECT_THAT(checked.out, HasSubstr("# dreamed in "));
}

TEST_F(TilesOfAStill, ASizeThatIsNoneIsRefused) {
  for (const std::string size : {"much", "5iB", "0", "-1G", "1e9", "9999999999T"}) {
    const auto result = run("render", "out.png", {"--memory=" + size});
    EXPECT_EQ(result.exit_code, 64) << size;
    EXPECT_THAT(result.err, HasSubstr("expected a size like 6GiB or 800M, got '" + size + "'"));
  }
}

}  // namespace
}  // namespace dreamreel::test
