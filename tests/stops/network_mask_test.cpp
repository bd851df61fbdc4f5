// Masks that a network makes depend on earlier frames. Tests that they are the same to the bit, however a
// render is cut.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/farm/farm.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/render/render.h"
#include "dreamreel/work/facts.h"
#include "support/faults.h"
#include "support/files.h"
#include "support/red_network.h"
#include "support/tiny_network.h"

namespace dreamreel::test {
namespace {

namespace fs = std::filesystem;

struct Cut {
  const char* name;
  const char* masks;     // keys of `dream`
  const char* temporal;  // keys of `temporal`
  const char* output;    // keys of `output`
};

constexpr const char* kOfDream =
    "mask: {from: class, class: red thing, network: red.onnx}, objectives: [{layer: relu1}]";
constexpr const char* kOfObjective =
    "objectives: [{layer: relu1, mask: {from: class, class: red thing, network: red.onnx, invert: true, "
    "windows: 2}}]";
// The red square stands for a person.
constexpr const char* kOfPerson =
    "mask: {from: person, network: red.onnx, feather: 3}, "
    "objectives: [{layer: relu1, mask: {from: person, network: red.onnx, invert: true}}, {layer: relu3}]";

class NetworkMask : public testing::TestWithParam<Cut> {
 protected:
  // A red square moves to the right for 14 frames; after a cut, it moves back for 8 frames.
  NetworkMask() {
    fs::create_directory(inputs_);
    write_tiny_network(inputs_);
    write_red_network(inputs_);
    if (GetParam().masks == kOfPerson) write_file(inputs_ / "red_labels.txt", "sky\nperson\nrest\n");
    const std::string first = "[0]lutrgb=r=0:g='60+val/3':b=90,trim=end_frame=14[a];";
    const std::string second = "[1]lutrgb=r=0:g=val/4:b='val/2',trim=end_frame=8[b];";
    const std::string place = "x='if(lt(n,14),4+3*n,90-4*(n-14))':y='if(lt(n,14),10,26)'";
    ffmpeg({"-f", "lavfi", "-i", "mandelbrot=size=96x64:rate=24", "-f", "lavfi", "-i",
            "testsrc2=s=96x64:r=24", "-f", "lavfi", "-i", "color=0xd02020:s=32x32:r=24", "-filter_complex",
            first + second + "[a][b]concat[walls];[walls][2]overlay=" + place + ",format=gbrp", "-frames:v",
            "22", "-c:v", "ffv1", (inputs_ / "clip.mkv").string()});
    write_file(inputs_ / "job.yaml",
               "input: {path: clip.mkv}\noutput: {path: " + output_.string() + GetParam().output +
                   "}\nnetwork: {path: tiny.onnx}\nprecision: fp32\ndevice: cpu\ndream: {" +
                   GetParam().masks +
                   ", octaves: 1, iterations: 2}\n"
                   "temporal: {iterations: 1, flow: none, cuts: auto" +
                   GetParam().temporal + "}\n");
    clear();
  }

  void clear() const {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }

  Outcome in_own_process(const std::function<void(const job::Job&)>& action, Fault fault = Fault::none,
                         std::int64_t at = 0) const {
    FaultPlan plan;
    plan.folder = folder_;
    plan.fault = fault;
    plan.at = at;
    return in_child(plan, [&] {
      image::set_threads(1);
      action(job::load_job(inputs_ / "job.yaml", {}));
    });
  }

  static render::RenderOptions options() {
    render::RenderOptions options;
    options.memory = std::int64_t{4} << 30;
    options.segment_frames = 4;
    return options;
  }

  Outcome render(Fault fault = Fault::none, std::int64_t at = 0) const {
    return in_own_process([](const job::Job& job) { render::render(job, options()); }, fault, at);
  }

  // Compares only the video, because a farm's file has another date.
  std::string pictures() const {
    return run_process({"ffmpeg", "-loglevel", "error", "-i", output_.string(), "-f", "framemd5", "-"}).out;
  }

  const ScratchDir scratch_;
  const fs::path inputs_ = scratch_ / "in", folder_ = scratch_ / "out", output_ = folder_ / "clip.mkv";
};

TEST_P(NetworkMask, IsTheSameHoweverARenderIsCut) {
  const Outcome whole = render();
  ASSERT_EQ(whole.exit_code, 0) << whole.message << whole.log;
  const std::string expected = pictures();
  ASSERT_THAT(expected, testing::HasSubstr("\n0, "));

  const auto operations = std::ssize(whole.operations);
  for (const auto at : {operations / 3, operations * 2 / 3}) {
    clear();
    ASSERT_EQ(render(Fault::stop, at).exit_code, kStopped) << at;
    const Outcome gone_on = render();
    ASSERT_EQ(gone_on.exit_code, 0) << gone_on.message;
    EXPECT_EQ(pictures(), expected) << "gone on with after operation " << at;
  }

  clear();
  const auto plan_file = folder_ / "plan.json";
  const Outcome planned = in_own_process([&](const job::Job& job) {
    prepare::PlanOptions plan_options;
    plan_options.segment_frames = options().segment_frames;
    auto plan = prepare::make_plan(job, work::facts_of(job, {}), plan_options);
    farm::split(plan, {});
    prepare::set_part_keys(job, plan);
    farm::write_plan(plan_file, plan);
  });
  ASSERT_EQ(planned.exit_code, 0) << planned.message;
  farm::Places places;
  places.plan = plan_file;
  for (auto chunk = farm::open_farm(places).plan.chunks.size(); chunk-- > 0;) {
    const Outcome done =
        in_own_process([&](const job::Job&) { farm::run_chunk(farm::open_farm(places), chunk, options()); });
    ASSERT_EQ(done.exit_code, 0) << chunk << done.message;
  }
  const Outcome joined =
      in_own_process([&](const job::Job&) { farm::join(farm::open_farm(places), options()); });
  ASSERT_EQ(joined.exit_code, 0) << joined.message;
  EXPECT_EQ(pictures(), expected) << "in chunks";
}

INSTANTIATE_TEST_SUITE_P(
    Cuts, NetworkMask,
    testing::Values(Cut{"Dream", kOfDream, "", ""}, Cut{"Objective", kOfObjective, "", ""},
                    Cut{"FilledIn", kOfDream, ", every: 3", ""},
                    Cut{"PersonFilledIn", kOfPerson, ", every: 2", ", loop: {crossfade: 3f}"},
                    Cut{"Loop", kOfDream, "", ", loop: {crossfade: 3f}"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace dreamreel::test
