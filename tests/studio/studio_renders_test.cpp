// The server's renders: begun, paused, gone on with, and seen frame by frame and with their sound.
#include "dreamreel/studio/studio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX

#include <set>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "studio_fixture.h"
#include "support/files.h"

namespace dreamreel::studio {
namespace {

using testing::HasSubstr;

TEST_F(StudioTest, ARenderHasTheBitsOfTheCommandLineThoughItIsPausedAndTheStudioEnds) {
  const std::string text = job(kOddName, "out.mkv") + "seed: 3\ntemporal: {iterations: 60}\n";
  test::write_file(scratch_ / "job.yaml", text);
  test::write_file(scratch_ / "same.yaml",
                   job(kOddName, "same.mkv") + "seed: 3\ntemporal: {iterations: 60}\n");
  const json start{{"file", "job.yaml"}, {"action", "start"}};
  EXPECT_EQ(posted("/api/render", start)["state"], "running");
  EXPECT_EQ(post("/api/render", start)->status, 409);
  const auto begun =
      wait_for([](const json& event) { return event["event"] == "render" && event.value("done", 0) > 0; });
  if (begun["state"] == "running") {
    posted("/api/render", {{"file", "job.yaml"}, {"action", "pause"}});
    wait_for([](const json& event) {
      return event["event"] == "render" && (event["state"] == "paused" || event["state"] == "finished");
    });
  }
  end();
  start_again();
  const auto found = json::parse(get("/api/render?file=job.yaml")->body);
  if (found["state"] == "paused") posted("/api/render", start);
  if (found["state"] != "finished") wait_for_render("finished");
  const auto same =
      test::run_process({DREAMREEL_EXECUTABLE, "-q", "render", (scratch_ / "same.yaml").string()});
  ASSERT_EQ(same.exit_code, 0) << same.err;
  const auto frames = [&](const char* name) {
    return test::run_process(
               {"ffmpeg", "-v", "error", "-i", (scratch_ / name).string(), "-f", "framemd5", "-"})
        .out;
  };
  EXPECT_EQ(post("/api/render", start)->status, 409) << "nothing finished is replaced unasked";
  EXPECT_THAT(frames("out.mkv"), HasSubstr("0,"));
  EXPECT_EQ(frames("out.mkv"), frames("same.mkv"));
}

TEST_F(StudioTest, TellsWhichFramesAreRenderedAndShowsThem) {
  const auto text = [](const std::string& zoom) {
    return job(kOddName, "out.mkv") + "camera: {zoom: {0f: 1, 4f: 1, 6f: " + zoom + "}}\n";
  };
  const auto rendered = [&](const std::string& zoom) { return posted("/api/rendered", scene(text(zoom))); };
  test::write_file(scratch_ / "job.yaml", text("1"));
  EXPECT_EQ(rendered("1")["ranges"], json::array());
  EXPECT_EQ(post("/api/rendered_frame", scene(text("1")))->status, 404);
  posted("/api/render", {{"file", "job.yaml"}, {"action", "start"}});
  wait_for_render("finished");
  const auto range = [](int begin, int end, const char* state) {
    return json{{"begin", begin}, {"end", end}, {"state", state}};
  };
  const auto whole = rendered("1");
  EXPECT_EQ(whole["ranges"], json({range(0, 8, "kept")})) << whole;
  EXPECT_EQ(whole["frames_to_render"], 0);
  EXPECT_EQ(whole["seconds"], 0);
  const auto edited = rendered("1.2");
  EXPECT_EQ(edited["ranges"], json({range(0, 8, "stale")})) << edited << ": all are of one part";
  EXPECT_EQ(edited["frames_to_render"], 8);
  EXPECT_GT(edited["seconds"], 0);
  EXPECT_THAT(edited["lines"].dump(), HasSubstr("camera.zoom changes from frame 5 on"));
  auto body = scene(text("1.2"));
  for (const int frame : {0, 7, 3, 5, 4}) {
    body["frame"] = frame;
    const auto picture = post("/api/rendered_frame", body);
    EXPECT_EQ(picture->status, 200) << frame;
    EXPECT_EQ(picture->get_header_value("Content-Type"), "image/jpeg");
    test::write_file(scratch_ / "shown.jpg", picture->body);
    const auto shown = pixels_of("shown.jpg", 0);
    const double own = difference(shown, pixels_of("out.mkv", frame));
    EXPECT_LT(own, 10) << frame << ": codes of 255";
    for (const int other : {frame - 1, frame + 1})
      if (other >= 0 && other < 8) {
        EXPECT_LT(2 * own, difference(shown, pixels_of("out.mkv", other))) << frame;
      }
  }
  body["frame"] = 8;
  EXPECT_EQ(post("/api/rendered_frame", body)->status, 404);
  const auto again = test::run_process({DREAMREEL_EXECUTABLE, "-q", "render", "-y", "--keep-dreams",
                                        "--restart", (scratch_ / "job.yaml").string()});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  auto thin = scene(text("1"));
  thin["set"] = {"dream.opacity=0.5"};
  const auto shows_old = [&](const char* where) {
    EXPECT_EQ(rendered("1.2")["ranges"], json({range(0, 5, "kept"), range(5, 8, "stale")})) << where;
    const auto thinner = posted("/api/rendered", thin);
    EXPECT_EQ(thinner["ranges"], json({range(0, 8, "stale")})) << where << " has all of the dream";
    EXPECT_EQ(thinner["frames_to_render"], 0);
  };
  shows_old("the part");
  std::filesystem::remove(scratch_ / "out.mkv.work/parts/000000.seg");
  shows_old("each stored picture");
}

TEST_F(StudioTest, AFilmWithoutItsWorkFolderIsSeenToo) {
  test::write_file(scratch_ / "job.yaml", job(kOddName, "out.mkv"));
  const auto made =
      test::run_process({DREAMREEL_EXECUTABLE, "-q", "render", (scratch_ / "job.yaml").string()});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ASSERT_FALSE(std::filesystem::exists(scratch_ / "out.mkv.work"));
  const auto state_of = [&](const std::string& more) {
    return posted("/api/rendered", scene(job(kOddName, "out.mkv") + more))["ranges"].at(0);
  };
  EXPECT_EQ(state_of(""), json({{"begin", 0}, {"end", 8}, {"state", "kept"}}));
  EXPECT_EQ(state_of("seed: 9\n")["state"], "stale");
  EXPECT_EQ(post("/api/rendered_frame", scene(job(kOddName, "out.mkv")))->status, 200);
  // A link may lead out of the folder.
  const test::ScratchDir elsewhere;
  std::filesystem::copy(scratch_ / "out.mkv", elsewhere / "out.mkv");
  std::filesystem::create_symlink(elsewhere.path(), scratch_ / "linked.mkv.work");
  EXPECT_EQ(posted("/api/rendered", scene(job(kOddName, "linked.mkv")))["ranges"], json::array());
  EXPECT_EQ(post("/api/rendered_frame", scene(job(kOddName, "linked.mkv")))->status, 404);
  // Which frames an excerpt has is not known.
  const auto excerpt = test::run_process(
      {DREAMREEL_EXECUTABLE, "-q", "render", "--frames", "2..5", (scratch_ / "job.yaml").string()});
  ASSERT_EQ(excerpt.exit_code, 0) << excerpt.err;
  std::filesystem::rename(scratch_ / "out_2-5.mkv", scratch_ / "out.mkv");
  EXPECT_EQ(posted("/api/rendered", scene(job(kOddName, "out.mkv")))["ranges"], json::array());
  EXPECT_EQ(post("/api/rendered_frame", scene(job(kOddName, "out.mkv")))->status, 404);
  test::write_file(scratch_ / "out.mkv", "a person's own text");
  EXPECT_EQ(posted("/api/rendered", scene(job(kOddName, "out.mkv")))["ranges"], json::array());
}

TEST_F(StudioTest, PlaysTheSoundOfAnExcerpt) {
  test::ffmpeg({"-f", "lavfi", "-i", "sine=d=2", (scratch_ / "song.flac").string()});
  auto body = scene(job(kOddName, "o.mp4"));
  body["begin"] = 4;
  body["end"] = 6;
  EXPECT_EQ(post("/api/sound", body)->status, 404) << "the clip has no sound";
  body["text"] = "input: {audio: song.flac, path: '" + std::string(kOddName) + "'}" +
                 job("x", "o.mp4").substr(std::string("input: {path: 'x'}").size());
  const auto sound = post("/api/sound", body);
  EXPECT_EQ(sound->status, 200) << sound->body;
  EXPECT_EQ(sound->get_header_value("Content-Type"), "audio/wav");
  EXPECT_EQ(sound->body.size(), 44U + std::size_t{4} * 48000 / 4);  // two frames of eight a second
  body["end"] = -1;
  EXPECT_EQ(post("/api/sound", body)->status, 400);
}

}  // namespace
}  // namespace dreamreel::studio
