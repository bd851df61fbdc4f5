// What the tests of work folders share: jobs of a clip with a network of a few layers, and a watch over their
// renders.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/render/render.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/work/facts.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::render {

/// Counts the frames that are made, remembers which outputs are encoded after them, and can interrupt the
/// render exactly there. A flag would be seen some frames later.
class RenderWatch : public report::ProgressSink {
 public:
  explicit RenderWatch(std::int64_t frames = -1) : stop_after(frames) {}
  void activity(const std::string& text) override {
    if (text.starts_with("encoding ")) encoded.push_back(text.substr(text.find_last_of('/') + 1));
    if (!stop_at.empty() && text.find(stop_at) != std::string::npos) interrupt();
  }
  void start(const report::RenderStart&) override {}
  void frame(const report::FrameProgress&) override {
    if (++made == stop_after) interrupt();
  }
  void finish(const std::string&, std::int64_t, double) override {}

  std::int64_t made = 0, stop_after = -1;
  std::string stop_at;  // a part of what is told when it begins
  std::vector<std::string> encoded;

 private:
  [[noreturn]] static void interrupt() { throw Interrupted("stopped by the test"); }
};

class KeptRenders : public testing::Test {
 protected:
  KeptRenders() {
    image::set_threads(1);
    test::write_tiny_network(inputs_);
  }

  std::string input(const std::string& name) const { return (inputs_ / name).string(); }

  /// The job with these lines of YAML. `dream`: keys beside the objectives and two numbers.
  job::Job load(const std::string& keys, const std::string& dream) const {
    test::write_file(scratch_ / "job.yaml",
                     keys + "network: {path: " + input("tiny.onnx") +
                         "}\nprecision: fp32\ndevice: cpu\ndream: {objectives: [{layer: relu1}], octaves: 1, "
                         "iterations: 1, " +
                         dream + "}\n");
    return job::load_job(scratch_ / "job.yaml", {});
  }

  /// Writes the plan of a farm's chunks, as `farm plan` does.
  void write_plan(const job::Job& job, const prepare::PlanOptions& planning = {}) const {
    auto plan = prepare::make_plan(job, work::facts_of(job, {}), planning);
    farm::split(plan, {});
    prepare::set_part_keys(job, plan);
    farm::write_plan(scratch_ / "plan.json", plan);
  }
  farm::Farm open_farm(const std::filesystem::path& work = {}) const {
    farm::Places places;
    places.plan = scratch_ / "plan.json";
    if (!work.empty()) places.work = work;
    return farm::open_farm(places);
  }

  static RenderOptions options(RenderWatch& watch) {
    RenderOptions options;
    options.memory = std::int64_t{4} << 30;
    options.progress = &watch;
    return options;
  }

  test::ScratchDir scratch_;
  const std::filesystem::path inputs_ = scratch_.path();
};

}  // namespace dreamreel::render
