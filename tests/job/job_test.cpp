#include "dreamreel/job/job.h"

#include <gtest/gtest.h>

#include <iostream>

#include "support/files.h"
namespace dreamreel::job {
TEST(Job, Loads) {
  test::ScratchDir dir;
  test::write_file(dir / "net.yaml", "name: net\nfile: net.onnx\n");
  test::write_file(
      dir / "a.yaml",
      "input: {path: a.mp4, trim: [~, 4s]}\noutput: {path: '%06d.png', video: {options: {crf: "
      "16}}}\nnetwork: net\n"
      "dream: {objectives: [{layer: m, weight: {0s: 1, 96f: {value: 2, ease: in_out}}}], step: 2}\n");
  const auto job = load_job(dir / "a.yaml", {{"dream.step=3"}, {dir.path()}, {}});
  std::cout << to_yaml(job);
}
}  // namespace dreamreel::job
