// Compares the sound of the output with the sound of the source, sample by sample, at the start and at the
// end.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "clips.h"
#include "sound_decoder.h"

namespace dreamreel::media {
namespace {

using test::ScratchDir;

constexpr int kReach = 2048;     // samples: the largest shift that is looked for
constexpr int kCompared = 9600;  // samples that are compared: 0.2 s
constexpr double kSourceSeconds = 6;

// The first channel from `start_seconds` on, `seconds` long.
std::vector<float> samples_of(const std::filesystem::path& file, double start_seconds, double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(std::lround(seconds * kSoundRate)), 0.0F);
  SoundDecoder decoder(file, start_seconds);
  decoder.decode([&](const SoundBlock& block) {
    for (int i = 0; i < block.count; ++i)
      if (const auto place = block.position + i; place >= 0 && place < std::ssize(samples))
        samples[static_cast<std::size_t>(place)] = block.channels[0][i];
    return block.position < std::ssize(samples);
  });
  return samples;
}

// The number of samples by which `b` is later than `a` around `place`: the shift at which their product is
// largest.
int shift_at(const std::vector<float>& a, const std::vector<float>& b, std::ptrdiff_t place) {
  int best = 0;
  double best_product = -1;
  for (int shift = -kReach; shift <= kReach; ++shift) {
    double product = 0;
    for (std::ptrdiff_t i = place; i < place + kCompared; ++i)
      product += a[static_cast<std::size_t>(i)] * b[static_cast<std::size_t>(i + shift)];
    if (product > best_product) best_product = product, best = shift;
  }
  return best;
}

struct SyncCase {
  std::string name, rate, codec, in, out;
  double trim_start, trim_end;
};

class SoundSync : public testing::TestWithParam<SyncCase> {};

TEST_P(SoundSync, IsTheSourcesAtStartAndEnd) {
  const ScratchDir scratch;
  const auto& param = GetParam();
  const auto in = scratch / ("in" + param.in), out = scratch / ("out" + param.out);
  test::make_clip(in, "testsrc2=s=64x48:r=" + param.rate + ":d=" + std::to_string(kSourceSeconds),
                  {"-f", "lavfi", "-i", "anoisesrc=seed=5:r=48000:a=0.3:d=" + std::to_string(kSourceSeconds),
                   "-c:a", param.codec, "-strict", "-2"});
  ReaderOptions reader;
  reader.path = in;
  if (param.trim_start > 0) reader.trim_start = TimePoint{param.trim_start, TimePoint::Unit::seconds};
  if (param.trim_end > 0) reader.trim_end = TimePoint{param.trim_end, TimePoint::Unit::seconds};
  WriterOptions writer;
  writer.path = out;
  const auto info = test::send_through(reader, writer);
  const auto frames = test::frame_times(out);
  const double seconds = static_cast<double>(frames.size()) / info.frame_rate.value();

  const auto wanted = samples_of(in, info.start_seconds, seconds), got = samples_of(out, 0, seconds);
  const auto last = std::ssize(wanted) - kCompared - kReach - 1024;  // the last packet may not be whole
  // Exact, except for the container's clock (milliseconds in Matroska) and an encoder's own delay.
  constexpr int kTolerance = kSoundRate / 1000 + 1;
  EXPECT_NEAR(shift_at(wanted, got, kReach), 0, kTolerance);
  EXPECT_NEAR(shift_at(wanted, got, last), 0, kTolerance);

  constexpr double kLongestPacket = 0.0961;  // FLAC's; AAC's are 21 ms, Opus' 20 ms
  const auto packets = test::packet_times(out, "a:0");
  const double packet = packets[2] - packets[1];
  ASSERT_LE(packet, kLongestPacket);
  EXPECT_NEAR(packets.back() + packet, seconds, packet + 0.001) << "ends with the picture";
}

std::vector<SyncCase> sync_cases() {
  std::vector<SyncCase> cases;
  for (const auto& [name, rate] : {std::pair{"24", "24"}, std::pair{"25", "25"},
                                   std::pair{"29_97", "30000/1001"}, std::pair{"60", "60"}}) {
    cases.push_back({std::string("Whole") + name, rate, "aac", ".mp4", ".mp4", 0, 0});
    cases.push_back({std::string("Trimmed") + name, rate, "aac", ".mp4", ".mp4", 1.37, 4.61});
    cases.push_back({std::string("TrimmedMkv") + name, rate, "libopus", ".mkv", ".mkv", 0.73, 5.2});
    cases.push_back({std::string("TrimmedEncoded") + name, rate, "flac", ".mkv", ".webm", 1.37, 4.61});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Rates, SoundSync, testing::ValuesIn(sync_cases()),
                         [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace dreamreel::media
