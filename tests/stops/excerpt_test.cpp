// Tests the trial before the first frame of an excerpt: it tries the sound of the excerpt, and no other
// sound.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"
#include "support/faults.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::test {
namespace {

constexpr std::int64_t kFirst = 75, kEnd = 77;  // frames, one a second

// Makes a song of 80 s that has one channel from second 4 to second 8. MP4 has one header for a whole track.
// So the whole song would have to be encoded anew.
void make_song(const ScratchDir& scratch) {
  std::string list;
  int number = 0;
  for (const auto& [seconds, channels] : {std::pair("4", "2"), std::pair("4", "1"), std::pair("72", "2")}) {
    const std::string name = "part" + std::to_string(number++) + ".ts";
    ffmpeg({"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=" + std::string(seconds),
            "-ac", channels, "-c:a", "aac", (scratch / name).string()});
    list += "file '" + name + "'\n";
  }
  write_file(scratch / "list.txt", list);
  ffmpeg(
      {"-f", "concat", "-i", (scratch / "list.txt").string(), "-c", "copy", (scratch / "song.ts").string()});
}

Outcome rendered(const ScratchDir& scratch, schedule::FrameRange frames) {
  FaultPlan plan;
  plan.folder = scratch / "out";
  return in_child(plan, [&] {
    image::set_threads(1);
    render::RenderOptions options;
    options.memory = std::int64_t{4} << 30;
    options.frames = frames;
    render::render(job::load_job(scratch / "job.yaml", {}), options);
  });
}

TEST(Excerpt, IsTriedWithItsOwnSoundAlone) {
  const ScratchDir scratch;
  std::filesystem::create_directory(scratch / "out");
  write_tiny_network(scratch.path());
  make_song(scratch);
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=32x32:r=1:d=80", "-c:v", "ffv1", (scratch / "clip.mkv").string()});
  write_file(scratch / "job.yaml",
             "input: {path: clip.mkv, audio: song.ts}\noutput: {path: out/clip.mp4}\n"
             "network: {path: tiny.onnx}\nprecision: fp32\ndevice: cpu\n"
             "dream: {objectives: [{layer: relu1}], octaves: 1, iterations: 1}\n"
             "temporal: {iterations: 1, flow: none, cuts: none}\n");
  const auto excerpt = rendered(scratch, {kFirst, kEnd});
  EXPECT_EQ(excerpt.exit_code, 0) << excerpt.message;
  EXPECT_THAT(excerpt.log, testing::Not(testing::HasSubstr("does not fit")));
  const auto beginning = rendered(scratch, {5, 7});
  EXPECT_EQ(beginning.exit_code, 0) << beginning.message;
  EXPECT_THAT(beginning.log, testing::HasSubstr("does not fit"));
}

}  // namespace
}  // namespace dreamreel::test
