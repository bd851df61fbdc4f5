#include "dreamreel/core/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel {
namespace {

using Track = Trace::Track;
using testing::HasSubstr;

TEST(Trace, AddsUpByTrackAndName) {
  Trace trace;
  const auto start = Trace::Clock::now();
  const auto after = [&](int ms) { return start + std::chrono::milliseconds(ms); };
  trace.add(Track::ascent, "ascend", start, after(10), 0);
  trace.add(Track::output, "encode", after(1), after(3), 0);
  trace.add(Track::ascent, "ascend", after(10), after(30), 1);
  const auto totals = trace.totals();
  ASSERT_EQ(totals.size(), 2U);
  EXPECT_EQ(totals[0].name, "ascend");
  EXPECT_EQ(totals[0].count, 2);
  EXPECT_NEAR(totals[0].seconds, 0.03, 1e-9);
  EXPECT_EQ(totals[1].track, Track::output);
  EXPECT_NEAR(totals[1].seconds, 0.002, 1e-9);
}

TEST(Trace, AFileHasASpanFromEachThread) {
  const test::ScratchDir folder;
  const auto path = folder.path() / "trace.json";
  Trace trace(path);
  {
    const TraceSpan outer(&trace, Track::ascent, "outer", 7);
    std::jthread([&] { const TraceSpan span(&trace, Track::source, "decode", 8); }).join();
  }
  EXPECT_FALSE(std::filesystem::exists(path)) << "before it is whole";
  trace.finish();
  const std::string json = test::read_file(path);
  EXPECT_THAT(json, HasSubstr(R"({"ph": "X", "name": "decode", "pid": 1, "tid": 0, "ts": )"));
  EXPECT_THAT(json, HasSubstr(R"("args": {"frame": 7}})"));
  EXPECT_TRUE(json.ends_with("}\n]}\n"));
}

TEST(Trace, WithoutATraceASpanIsNothing) {
  const TraceSpan span(nullptr, Track::ascent, "nothing");
}

TEST(Trace, SaysWhereItCannotWrite) {
  EXPECT_THROW(Trace("/proc/none/trace.json"), IoError);
}

}  // namespace
}  // namespace dreamreel
