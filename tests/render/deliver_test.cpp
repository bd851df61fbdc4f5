// A job with several outputs dreams once, and each file is the file of a job with that output alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/prepare/delivered.h"
#include "dreamreel/prepare/encoding_time.h"
#include "dreamreel/prepare/kept_work.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/prepare/preflight.h"
#include "dreamreel/report/faults.h"
#include "dreamreel/schedule/plan_json.h"
#include "kept_renders.h"

namespace dreamreel::render {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Files = std::map<std::string, std::string>;  // name below the folder of outputs -> content

constexpr std::int64_t kClipFrames = 12, kSegment = 5;  // three segments

class Outputs : public KeptRenders {
 protected:
  Outputs() {
    set_log_sink([](LogLevel, std::string_view) {});
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=32x32:r=24:d=0.5", "-f", "lavfi", "-i", "sine=d=0.5",
                  "-c:a", "flac", "-c:v", "ffv1", (inputs_ / "clip.mkv").string()});
  }
  ~Outputs() override { set_log_sink({}); }

  // A source with 10 bits and alpha.
  void use_alpha() {
    test::ffmpeg({"-f", "lavfi", "-i",
                  "testsrc2=s=32x32:r=24:d=0.5,format=yuva444p10,geq=lum='lum(X,Y)':a='X*32+N'", "-c:v",
                  "ffv1", (inputs_ / "alpha.mkv").string()});
    clip_ = "alpha.mkv";
  }

  job::Job job() const {
    std::string list;
    for (const auto& output : outputs_) list += "  - {path: out/" + output + "}\n";
    return load("input: {path: " + input(clip_) + "}\noutputs:\n" + list +
                    "temporal: {iterations: 1, flow: none, cuts: " + cuts_ + "}\n" + more_,
                "opacity: 0.9");
  }

  static void run(const job::Job& job, RenderWatch& watch,
                  const std::function<void(RenderOptions&)>& set = {}) {
    auto how = options(watch);
    how.segment_frames = kSegment;
    if (set) set(how);
    render(job, how);
  }
  static void keep_work(RenderOptions& options) { options.keep_work = true; }

  // The bytes of a file. Matroska files hold random numbers, so of them it is all packets with their times.
  static std::string content_of(const fs::path& file) {
    if (file.extension() != ".mkv" && file.extension() != ".webm") return test::read_file(file);
    const auto packets = test::run_process({"ffmpeg", "-loglevel", "error", "-i", file.string(), "-map", "0",
                                            "-c", "copy", "-f", "framemd5", "-"});
    EXPECT_EQ(packets.exit_code, 0) << packets.err;
    return packets.out;
  }

  // Everything in the folder of the outputs but work folders.
  Files files() const {
    Files found;
    for (const auto& entry : fs::recursive_directory_iterator(out_))
      if (entry.is_regular_file() && entry.path().string().find(".work") == std::string::npos)
        found[entry.path().lexically_relative(out_).string()] = content_of(entry.path());
    return found;
  }
  Files take_files() const {
    auto found = files();
    fs::remove_all(out_);
    return found;
  }

  // What renders of each output alone write.
  Files alone() const {
    Files all;
    for (const auto& one : job::jobs_of_outputs(job())) {
      RenderWatch watch;
      run(one, watch);
      EXPECT_EQ(watch.made, kClipFrames);
      for (auto& [name, content] : take_files()) all[name] = std::move(content);
    }
    return all;
  }

  static void expect_same(const Files& made, const Files& expected) {
    for (const auto& [name, content] : expected) {
      const auto found = made.find(name);
      ASSERT_NE(found, made.end()) << name;
      EXPECT_TRUE(found->second == content) << name << " differs";
    }
    EXPECT_EQ(made.size(), expected.size());
  }

  const fs::path out_ = scratch_ / "out";
  std::string clip_ = "clip.mkv", cuts_ = "none", more_;
  std::vector<std::string> outputs_{"a.mp4, preset: web", "b.mov, preset: prores_hq, metadata: name",
                                    "c.gif, preset: gif", "d/%03d.png, preset: png16, first_number: 101",
                                    "e.webm, video: {options: {deadline: realtime, cpu-used: 8}}"};
};

TEST_F(Outputs, AreTheFilesOfRendersOfEachAlone) {
  RenderWatch watch;
  run(job(), watch);
  EXPECT_EQ(watch.made, kClipFrames) << "dreamed once";
  const auto made = take_files();
  EXPECT_EQ(made.size(), 4U + kClipFrames);
  EXPECT_TRUE(made.contains("d/101.png"));
  expect_same(made, alone());
}

TEST_F(Outputs, KeepAlphaAndDepthWhereTheyHoldThem) {
  use_alpha();
  outputs_ = {"a.mp4, preset: web", "b.mov, preset: prores_4444", "c/%03d.exr, preset: exr",
              "d.mkv, preset: archive", "e.gif"};
  RenderWatch watch;
  run(job(), watch);
  const auto made = take_files();
  expect_same(made, alone());
}

TEST_F(Outputs, OfALoopAndOfAnExcerptToo) {
  outputs_ = {"a.mp4, preset: web", "b_%03d.png"};
  more_ = "output: {loop: {crossfade: 2f}}\n";
  RenderWatch loop;
  run(job(), loop);
  const auto looped = take_files();
  Files single;
  for (const auto& one : job::jobs_of_outputs(job())) {
    RenderWatch watch;
    run(one, watch);
    for (auto& [name, content] : take_files()) single[name] = std::move(content);
  }
  expect_same(looped, single);
  more_ = "";
  const auto excerpt = [](RenderOptions& options) { options.frames = {3, 9}; };
  RenderWatch watch;
  run(job(), watch, excerpt);
  const auto cut = take_files();
  EXPECT_EQ(cut.size(), 1U + 6U);
  EXPECT_TRUE(cut.contains("b_003.png"));
  for (const auto& one : job::jobs_of_outputs(job())) {
    RenderWatch own;
    run(one, own, excerpt);
    for (const auto& [name, content] : take_files()) EXPECT_TRUE(cut.at(name) == content) << name;
  }
}

TEST_F(Outputs, OfAStill) {
  test::ffmpeg({"-i", (inputs_ / "clip.mkv").string(), "-frames:v", "1", (inputs_ / "still.png").string()});
  clip_ = "still.png";
  outputs_ = {"a.png", "b.jpg", "c.exr"};
  RenderWatch watch;
  run(job(), watch);
  const auto made = take_files();
  EXPECT_EQ(made.size(), 3U);
  for (const auto& one : job::jobs_of_outputs(job())) {
    RenderWatch own;
    run(one, own);
    for (const auto& [name, content] : take_files()) EXPECT_TRUE(made.at(name) == content) << name;
  }
}

TEST_F(Outputs, AreTheSameAfterAnyStop) {
  const auto expected = alone();
  // In the frames, in the first output, between two, in the pictures, and in the last one.
  for (const std::string at : {"", "output 1 of 5), frames 5", "output 3 of 5)", "output 4 of 5), frames 5",
                               "output 5 of 5), frames 10"}) {
    SCOPED_TRACE(at);
    RenderWatch first;
    if (at.empty()) first.stop_after = 7;
    first.stop_at = at;
    EXPECT_THROW(run(job(), first), Interrupted);
    if (at.starts_with("output 3")) {
      EXPECT_TRUE(fs::exists(out_ / "a.mp4"));
      EXPECT_TRUE(fs::exists(out_ / "b.mov"));
      EXPECT_FALSE(fs::exists(out_ / "c.gif")) << "nothing unfinished under a final name";
    }
    RenderWatch second;
    run(job(), second);
    EXPECT_EQ(first.made + second.made, kClipFrames) << "no frame is dreamed twice";
    if (at.starts_with("output 3")) {
      EXPECT_THAT(second.encoded, Each(Not(HasSubstr("output 2 of 5"))));
    }
    if (at.starts_with("output 4")) {
      EXPECT_THAT(second.encoded, Not(Contains(HasSubstr("output 4 of 5), frames 0..5"))));
    }
    EXPECT_FALSE(fs::exists(out_ / "a.mp4.work"));
    expect_same(take_files(), expected);
  }
}

TEST_F(Outputs, AnEditOfOneEncodesThatOneAlone) {
  outputs_.pop_back();
  RenderWatch whole;
  run(job(), whole, keep_work);
  outputs_[1] = "b.mov, preset: prores_4444";
  RenderWatch edit;
  run(job(), edit, keep_work);
  EXPECT_EQ(edit.made, 0);
  EXPECT_THAT(edit.encoded,
              ElementsAre("b.mov (output 2 of 4), frames 0..5", "b.mov (output 2 of 4), frames 5..10",
                          "b.mov (output 2 of 4), frames 10..12"));
  outputs_.insert(outputs_.begin() + 2, "f.mkv, preset: archive");
  RenderWatch more;
  run(job(), more, keep_work);
  EXPECT_EQ(more.made, 0);
  EXPECT_THAT(more.encoded, Each(HasSubstr("f.mkv (output 3 of 5)")));
  fs::remove(out_ / "c.gif");
  fs::remove(out_ / "d/104.png");
  RenderWatch lost;
  run(job(), lost, keep_work);
  EXPECT_EQ(lost.made, 0);
  EXPECT_THAT(lost.encoded, ElementsAre("c.gif (output 4 of 5)", HasSubstr("(output 5 of 5), frames 0..5")));
  for (const auto& one : job::jobs_of_outputs(job()))
    EXPECT_TRUE(prepare::is_delivered(one, schedule::read_plan(out_ / "a.mp4.work/plan.json"),
                                      work::WorkFolder(out_ / "a.mp4.work")));
  more_ = "seed: 3\n";
  RenderWatch other;
  run(job(), other, keep_work);
  EXPECT_EQ(other.made, kClipFrames);
  RenderWatch none;
  run(job(), none);
  EXPECT_THAT(none.encoded, IsEmpty());
  EXPECT_FALSE(fs::exists(out_ / "a.mp4.work"));
  const auto made = take_files();
  expect_same(made, alone());
}

TEST_F(Outputs, AllNameTheWorkThatIsKept) {
  outputs_ = {"a.mp4, preset: web", "b.gif", "d/%03d.png, preset: png16, first_number: 101"};
  RenderWatch watch;
  run(job(), watch, keep_work);
  const fs::path work = out_ / "a.mp4.work";
  for (const char* const name : {"a.mp4", "b.gif", "d/%03d.png", "d/104.png"})
    EXPECT_EQ(prepare::kept_work_of(out_ / name), work) << name;
  for (const char* const name : {"e.mp4", "d/99.png", "d/100.png", "a.mp4.work"})
    EXPECT_EQ(prepare::kept_work_of(out_ / name), std::nullopt) << name;

  EXPECT_EQ(prepare::work_left_elsewhere(job()), std::nullopt);
  const auto all = outputs_;
  for (const auto& others :
       {std::vector<std::string>{"f.mp4", all[0], all[1]}, {all[1], all[0]}, {all[2], "f.mp4"}}) {
    outputs_ = others;
    const auto told = prepare::work_left_elsewhere(job());
    ASSERT_TRUE(told) << others.front();
    EXPECT_THAT(*told, AllOf(HasSubstr(work.string() + " keeps frames"),
                             HasSubstr("dreamreel clean " + (out_ / "a.mp4").string())));
  }
  use_alpha();
  EXPECT_EQ(prepare::work_left_elsewhere(job()), std::nullopt) << "frames of another source are of no use";
}

TEST_F(Outputs, AreTimedIfTheyAreEncodedAfterTheDream) {
  more_ = "output: {loop: true}\n";
  const auto several = job();
  const auto info = prepare::preflight(several, {}).info;
  EXPECT_THAT(prepare::encoding_seconds(several, info, {}), AllOf(SizeIs(5), Each(Gt(0))));
  EXPECT_THAT(prepare::encoding_seconds(job::with_output(several, 0), info, {}), ElementsAre(0));
  EXPECT_THAT(prepare::encoding_seconds(job::with_output(several, 2), info, {}), ElementsAre(Gt(0)))
      << "a GIF";
  EXPECT_FALSE(fs::exists(out_ / "d")) << "nothing is written where the outputs go";
}

TEST_F(Outputs, OfAFarmAreTheSame) {
  outputs_.resize(4);
  cuts_ = "[6f]";  // two shots, two chunks
  const auto expected = alone();
  prepare::PlanOptions planning;
  planning.segment_frames = kSegment;
  write_plan(job(), planning);
  const auto farm = open_farm();
  for (std::size_t chunk = 0; chunk < farm.plan.chunks.size(); ++chunk) {
    RenderWatch watch;
    EXPECT_TRUE(farm::run_chunk(farm, chunk, options(watch)));
    EXPECT_FALSE(farm::run_chunk(farm, chunk, options(watch))) << "done already";
  }
  EXPECT_FALSE(fs::exists(out_ / "d")) << "a chunk writes no output";
  RenderWatch watch, again;
  watch.stop_at = "output 3 of 4";
  EXPECT_THROW(farm::join(farm, options(watch)), Interrupted);
  farm::join(farm, options(again));
  EXPECT_THAT(again.encoded, Each(Not(HasSubstr("output 2"))));
  expect_same(take_files(), expected);
}

TEST_F(Outputs, AreAllCheckedBeforeTheFirstFrame) {
  outputs_ = {"a.mp4, preset: web", "b.mov, video: {codec: prores_kss}", "c.webm, video: {codec: libx264}",
              "d.png"};
  fs::create_directories(out_);
  try {
    prepare::preflight(job(), {});
    ADD_FAILURE() << "expected faults";
  } catch (const report::FaultsError& error) {
    std::vector<std::string> keys;
    for (const auto& fault : error.faults()) keys.push_back(fault.key);
    EXPECT_THAT(keys, ElementsAre("outputs.1.video.codec", "outputs.2.video.codec", "outputs.3.path"))
        << error.what();
  }
  RenderWatch watch;
  EXPECT_THROW(run(job(), watch), report::FaultsError);
  EXPECT_EQ(watch.made, 0);
  EXPECT_THAT(files(), IsEmpty());
}

}  // namespace
}  // namespace dreamreel::render
