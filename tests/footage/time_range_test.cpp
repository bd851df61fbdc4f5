// Tests that keys, cuts and ranges of frames agree on the frame with which a time begins.
#include "dreamreel/footage/time_range.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "support/files.h"

namespace dreamreel::footage {
namespace {

class Times : public testing::TestWithParam<std::vector<std::string>> {
 protected:
  Times() {
    setenv("XDG_CACHE_HOME", (scratch_ / "cache").c_str(), 1);
    auto making = GetParam();
    making.push_back(scratch_ / "clip.mkv");
    test::ffmpeg(making);
    test::ffmpeg({"-f", "lavfi", "-i", "sine=d=5", scratch_ / "song.wav"});
  }
  ~Times() override { unsetenv("XDG_CACHE_HOME"); }

  job::Job job(const std::string& time) const {
    test::write_file(scratch_ / "job.yaml",
                     "input: {path: clip.mkv, audio: song.wav}\noutput: {path: out.mkv}\nnetwork: {path: "
                     "net.onnx}\ndream: {objectives: [{layer: a}]}\naudio: {bpm: 97, first_beat: 0.1s}\n"
                     "camera: {zoom: {0f: {value: 1, ease: hold}, " +
                         time + ": 2}}\ntemporal: {cuts: [" + time + "]}\n");
    return job::load_job(scratch_ / "job.yaml", {});
  }

  static std::int64_t frame_of_key(const job::Job& job) {
    const auto source = open_source(job, 0);
    const Timeline timeline(job, source->info(), nullptr);
    while (const auto frame = source->next())
      if (job.camera.zoom.at(timeline.at(*frame)) == 2) return frame->index;
    return -1;
  }

  static std::int64_t frame_of_cut(const job::Job& job) {
    return find_shots(*open_source(job, 0), job, {}, nullptr, nullptr).shots.back().begin;
  }

  test::ScratchDir scratch_;
};

TEST_P(Times, BeginWithOneFrameForKeysCutsAndRanges) {
  for (const char* const time : {"17f", "0.0832s", "0.4s", "0.7007s", "1.001s", "1.0427s", "1.5s", "2.002s",
                                 "1beat", "1.5beat", "2.25beat", "1bar", "5.125beat"}) {
    SCOPED_TRACE(time);
    const auto made = job(time);
    const auto frame = frame_of_key(made);
    EXPECT_EQ(frames_between(made, made.temporal.cuts.times.front(), {}).begin, frame) << "a range";
    EXPECT_EQ(frame_of_cut(made), frame) << "a cut";
    EXPECT_EQ(frames_between(made, made.temporal.cuts.times.front(), {}).begin, frame) << "a range of a scan";
  }
}

// The clock of Matroska rounds time stamps to milliseconds. The last clip lacks some of 30 frames a second.
INSTANTIATE_TEST_SUITE_P(
    Clips, Times,
    testing::Values(
        std::vector<std::string>{"-f", "lavfi", "-i", "testsrc2=s=32x32:r=24000/1001:d=4", "-c:v", "ffv1"},
        std::vector<std::string>{"-f", "lavfi", "-i", "testsrc2=s=32x32:r=30000/1001:d=4", "-c:v", "ffv1"},
        std::vector<std::string>{"-f", "lavfi", "-i", "testsrc2=s=32x32:r=25:d=4", "-c:v", "ffv1"},
        std::vector<std::string>{"-f", "lavfi", "-i", "testsrc2=s=32x32:r=30:d=4", "-vf",
                                 "select='not(eq(mod(n,5),3))'", "-fps_mode", "vfr", "-c:v", "ffv1"}));

}  // namespace
}  // namespace dreamreel::footage
