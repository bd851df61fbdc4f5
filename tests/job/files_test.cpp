#include "dreamreel/job/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using testing::ElementsAre;

std::vector<std::string> keys_of(Job& job) {
  std::vector<std::string> keys;
  for (const auto& file : list_files(job)) keys.push_back(file.key);
  return keys;
}

constexpr const char* kManyFiles = R"(
input: {path: in.mp4, audio: song.flac}
output: {path: out.mp4}
network: {path: net.onnx}
dream:
  objectives:
    - {layer: a, kind: guide, image: one.png, mask: {path: m0.png}}
    - {layer: a, kind: style, images: [two.png, three.png]}
    - {layer: a, kind: content}
  mask: {path: masks/%04d.png}
)";

TEST(Files, AreThoseThatTheJobReads) {
  const JobFolder folder;
  Job job = folder.load_text(kManyFiles);
  EXPECT_THAT(keys_of(job), ElementsAre("input.path", "input.audio", "dream.objectives.0.mask.path",
                                        "dream.objectives.0.image", "dream.objectives.1.images.0",
                                        "dream.objectives.1.images.1", "dream.mask.path"));
}

TEST(Files, CanBePutElsewhere) {
  const JobFolder folder;
  Job job = folder.load_text(kManyFiles);
  for (const auto& file : list_files(job)) *file.path = "/there/" + file.path->filename().string();
  EXPECT_EQ(job.dream.mask->path, "/there/%04d.png");
  EXPECT_EQ(job.dream.objectives[1].images[1], "/there/three.png");
  EXPECT_EQ(job.input.audio, "/there/song.flac");
  EXPECT_EQ(job.output.path, folder.path("out.mp4"));
}

}  // namespace
}  // namespace dreamreel::job
