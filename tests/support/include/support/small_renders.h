// Small jobs with a network of a few layers, rendered into numbered pictures and read again.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/render/render.h"
#include "dreamreel/work/facts.h"
#include "support/files.h"
#include "support/stop_after.h"
#include "support/tiny_network.h"

namespace dreamreel::test {

class SmallRenders : public testing::Test {
 protected:
  SmallRenders() {
    image::set_threads(1);
    write_tiny_network(scratch_.path());
  }

  static constexpr std::int64_t kMemory = std::int64_t{4} << 30;

  /// `keys`: lines of YAML beside the output and the network.
  job::Job job(const std::string& keys) {
    const auto folder = scratch_ / ("out" + std::to_string(++jobs_));
    write_file(scratch_ / "job.yaml",
               "output: {path: " + (folder / "%04d.png").string() +
                   ", video: {pixel_format: rgb48be}}\nnetwork: {path: " + (scratch_ / "tiny.onnx").string() +
                   "}\nprecision: fp32\ndevice: cpu\n" + keys);
    return job::load_job(scratch_ / "job.yaml", {});
  }

  static render::RenderOptions options(const schedule::FrameRange& frames = {}) {
    render::RenderOptions options;
    options.memory = kMemory;
    options.segment_frames = 4;
    options.frames = frames;
    return options;
  }

  static std::vector<at::Tensor> pictures_of(const job::Job& job, std::int64_t count,
                                             std::int64_t first = 0) {
    std::vector<at::Tensor> pictures;
    for (std::int64_t i = 0; i < count; ++i) {
      std::string name = std::to_string(first + i);
      name.insert(0, 4 - name.size(), '0');
      media::ReaderOptions reading;
      reading.path = job.output.path.parent_path() / (name + ".png");
      pictures.push_back(media::Reader(reading).next().value().rgb);
    }
    return pictures;
  }

  std::vector<at::Tensor> rendered(const std::string& keys, std::int64_t count) {
    const auto made = job(keys);
    render::render(made, options());
    return pictures_of(made, count);
  }

  /// The same after a kill in the middle.
  std::vector<at::Tensor> rendered_in_two(const std::string& keys, std::int64_t count,
                                          std::int64_t kill_after) {
    const auto made = job(keys);
    StopAfter counter(kill_after);
    auto first = options();
    first.progress = &counter;
    EXPECT_THROW(render::render(made, first), Interrupted) << kill_after;
    render::render(made, options());
    return pictures_of(made, count);
  }

  /// The same in chunks, the last one first.
  std::vector<at::Tensor> rendered_in_chunks(const std::string& keys, std::int64_t count) {
    const auto made = job(keys);
    prepare::PlanOptions planning;
    planning.segment_frames = 4;
    auto plan = prepare::make_plan(made, work::facts_of(made, {}), planning);
    farm::split(plan, {});
    prepare::set_part_keys(made, plan);
    const auto file = scratch_ / ("plan" + std::to_string(jobs_) + ".json");
    farm::write_plan(file, plan);
    farm::Places places;
    places.plan = file;
    const auto farm = farm::open_farm(places);
    for (std::size_t chunk = farm.plan.chunks.size(); chunk-- > 0;) farm::run_chunk(farm, chunk, options());
    farm::join(farm, options());
    return pictures_of(made, count);
  }

  static void expect_same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b,
                          const std::string& what) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i], b[i])) << what << ": frame " << i;
  }

  ScratchDir scratch_;

 private:
  int jobs_ = 0;
};

}  // namespace dreamreel::test
