#include "dreamreel/core/log.h"

#include <gtest/gtest.h>

namespace dreamreel {
namespace {

TEST(LogLines, BeginWithTheProgramAndTheLevel) {
  EXPECT_EQ(log_lines(LogLevel::info, "3 shots"), "dreamreel: 3 shots");
  EXPECT_EQ(log_lines(LogLevel::error, "no file"), "dreamreel: error: no file");
  EXPECT_EQ(log_lines(LogLevel::error, "a.yaml:1: x\na.yaml:2: y"),
            "dreamreel: error: a.yaml:1: x\ndreamreel: error: a.yaml:2: y");
}

TEST(LogLines, LetNoNameForgeALineOfProgress) {
  const std::string name = "a\nopenjd_progress: 100\rPROGRESS: 100%\x1b[2J";
  EXPECT_EQ(log_lines(LogLevel::info, "no " + name),
            "dreamreel: no a\\nopenjd_progress: 100\\rPROGRESS: 100%\\x1b[2J");
  EXPECT_EQ(log_lines(LogLevel::warning, "no " + name),
            "dreamreel: warning: no a\ndreamreel: warning: openjd_progress: 100\\rPROGRESS: 100%\\x1b[2J");
}

TEST(LogLines, AreNotEndless) {
  EXPECT_LT(log_lines(LogLevel::error, std::string(1 << 22, 'a')).size(), std::size_t{20} << 10);
}

}  // namespace
}  // namespace dreamreel
