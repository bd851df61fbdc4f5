// What RisingTimes makes of times that no muxer takes.
#include "rising_times.h"

#include <gtest/gtest.h>

#include <limits>

namespace dreamreel::media {
namespace {

constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();

TEST(RisingTimes, RaisesATimeThatFalls) {
  RisingTimes times;
  const PacketPtr packet = new_packet();
  for (const std::int64_t dts : {100, 90}) {
    packet->pts = packet->dts = dts;
    packet->duration = 10;
    times.put_right(*packet);
  }
  EXPECT_EQ(packet->dts, 101);
  EXPECT_EQ(times.raised(), 1);
  EXPECT_EQ(times.furthest(), 11);
}

// In a build with UBSan, this test fails if a sum overflows.
TEST(RisingTimes, RiseEvenFromOneEndOfTheirTypeToTheOther) {
  for (const std::int64_t first : {kLatest, -kLatest, std::int64_t{0}}) {
    RisingTimes times;
    const PacketPtr packet = new_packet();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (const std::int64_t dts : {first, kLatest, -kLatest, std::int64_t{0}, AV_NOPTS_VALUE, kLatest}) {
      packet->pts = packet->dts = dts;
      packet->duration = kLatest;
      times.put_right(*packet);
      EXPECT_GT(packet->dts, last) << first << ", " << dts;
      EXPECT_GE(packet->pts, packet->dts);
      last = packet->dts;
    }
  }
}

}  // namespace
}  // namespace dreamreel::media
