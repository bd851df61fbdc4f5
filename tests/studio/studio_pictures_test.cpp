// What the server shows: previews, grids of stills and loops, shots, pictures of layers and classes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "studio_fixture.h"
#include "support/files.h"

namespace dreamreel::studio {
namespace {

using testing::HasSubstr;

TEST_F(StudioTest, ListsShotsAndShowsThemSmall) {
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1", "-f", "lavfi", "-i",
                "mandelbrot=size=96x64:rate=8,trim=duration=1", "-filter_complex", "[0][1]concat", "-c:v",
                "ffv1", (scratch_ / "two.mkv").string()});
  auto body = scene(job("two.mkv", "o.mkv"));
  const auto list = posted("/api/shots", body);
  EXPECT_EQ(list["shots"], json({{{"begin", 0}, {"end", 8}}, {{"begin", 8}, {"end", 16}}}));
  EXPECT_EQ(list["count"], 2);
  EXPECT_EQ(list["has_pictures"], true);
  body["set"] = {"dream.step=3"};
  EXPECT_EQ(posted("/api/shots", body), list) << "an edit of the dream";
  body["frame"] = 8;
  body["side"] = 48;
  const auto picture = post("/api/thumbnail", body);
  ASSERT_EQ(picture->status, 200) << picture->body;
  EXPECT_EQ(picture->get_header_value("Content-Type"), "image/jpeg");
  test::write_file(scratch_ / "small.jpg", picture->body);
  EXPECT_EQ(pixels_of("small.jpg", 0).size(), std::size_t{48} * 32 * 3);
  body["side"] = 321;
  EXPECT_EQ(post("/api/thumbnail", body)->status, 400) << "a larger picture is /api/source's";
  body["side"] = 48;
  body["frame"] = 16;
  EXPECT_EQ(post("/api/thumbnail", body)->status, 422);
  const auto noise = [](std::string text) {
    const std::string input = "{path: 'two.mkv'}";
    return text.replace(text.find(input), input.size(), "{noise: {size: 64x64, fps: 8, duration: 2s}}");
  };
  EXPECT_EQ(posted("/api/shots", scene(noise(job("two.mkv", "o.mkv"))))["has_pictures"], false);
}

TEST_F(StudioTest, APreviewGrowsOctaveByOctave) {
  const auto number = posted("/api/preview", scene(job("photo.png", "o.png")))["preview"];
  std::vector<json> events;
  while (events.empty() || events.back()["state"] == "growing")
    events.push_back(wait_for([&](const json& event) { return event.value("preview", json()) == number; }));
  EXPECT_EQ(events.front()["octave"], 1);
  EXPECT_EQ(events.back()["state"], "whole") << events.back();
  EXPECT_LT(events.front()["width"], events.back()["width"]);
  const auto picture = get(events.back()["picture"]);
  EXPECT_EQ(picture->status, 200);
  EXPECT_EQ(picture->get_header_value("Content-Type"), "image/jpeg");
  EXPECT_EQ(get("/api/pictures/999-0-1")->status, 404);
}

TEST_F(StudioTest, APreviewInterruptsThePreviewBeforeItAndAGridGoesOn) {
  auto tiles = scene(job("photo.png", "o.png"));
  tiles["tiles"] = {
      {{"set", {"seed=1"}}}, {{"set", {"dream.step=oops"}}}, {{"set", {"dream.iterations=400"}}}};
  const auto grid = posted("/api/grid", tiles)["grid"];
  auto endless = scene(job("photo.png", "o.png"));
  endless["set"] = {"dream.iterations=1000"};
  const auto first = posted("/api/preview", endless)["preview"];
  wait_for([&](const json& event) { return event.value("preview", json()) == first; });  // it has begun
  const auto second = posted("/api/preview", scene(job("photo.png", "o.png")))["preview"];
  wait_for([&](const json& event) {
    return event.value("preview", json()) == first && event["state"] == "interrupted";
  });
  wait_for([&](const json& event) {
    return event.value("preview", json()) == second && event["state"] == "whole";
  });
  wait_for([&](const json& event) {
    return event.value("grid", json()) == grid && event["tile"] == 2 && event["state"] == "whole";
  });
  const auto third = posted("/api/preview", endless)["preview"];
  posted("/api/cancel", {{"number", third}});
  wait_for([&](const json& event) {
    return event.value("preview", json()) == third && event["state"] == "interrupted";
  });
}

TEST_F(StudioTest, AGridHasTheCombinationsOfTwoKeys) {
  auto body = scene(job("photo.png", "o.png"));
  body["over"] = {"seed=1..2", "dream.step=1,3"};
  const auto grid = posted("/api/grid", body);
  EXPECT_EQ(grid["tiles"][1]["set"], json({"seed=1", "dream.step=3"}));
  wait_for([&](const json& event) { return event["event"] == "tile" && event["tile"] == 3; });
  for (const auto& over : {json({"seed"}), json::array(), json({"seed=1..100"}), json({1})}) {
    body["over"] = over;
    EXPECT_GE(post("/api/grid", body)->status, 400) << over;
  }
}

// A tile that plays shows frames of a render that begins at the playhead.
TEST_F(StudioTest, TilesOfAGridMayPlay) {
  auto body = scene(job(kOddName, "o.mkv"));
  body["frame"] = 2;
  body["frames"] = 3;
  body["tiles"] = {{{"set", {"seed=1"}}}, {{"set", {"dream.step=oops"}}}, {{"set", {"seed=2"}}}};
  const auto grid = posted("/api/grid", body)["grid"];
  const auto tile = [&](int number, const std::string& state) {
    return wait_for([&](const json& event) {
      return event.value("grid", json()) == grid && event["tile"] == number && event["state"] == state;
    });
  };
  EXPECT_EQ(tile(0, "growing")["steps"], 3);
  const auto whole = tile(0, "whole");
  EXPECT_EQ(tile(1, "failed")["problems"].size(), 1U);
  const auto other = tile(2, "whole");
  ASSERT_EQ(whole["pictures"].size(), 3U);
  EXPECT_EQ(whole["picture"], whole["pictures"][0]);
  std::vector<std::string> frames;
  for (const auto& address : whole["pictures"]) frames.push_back(get(address)->body);
  EXPECT_NE(frames[0], frames[1]);
  EXPECT_NE(get(other["pictures"][2])->body, frames[2]);
  for (const int wrong : {0, 49}) {
    body["frames"] = wrong;
    EXPECT_EQ(post("/api/grid", body)->status, 400);
  }
}

TEST_F(StudioTest, TwoTilesHaveChildren) {
  auto body = scene(job("photo.png", "o.png"));
  // Two lists of two texts would else become an object.
  body["breed"] =
      json::array({json::array({"seed=1", "dream.step=1"}), json::array({"seed=2", "dream.step=3"})});
  body["count"] = 4;
  const auto grid = posted("/api/grid", body);
  ASSERT_EQ(grid["tiles"].size(), 4U);
  EXPECT_EQ(posted("/api/grid", body)["tiles"], grid["tiles"]);
  EXPECT_THAT(grid["tiles"][0]["set"][1], HasSubstr("dream.step="));
  for (const auto& wrong :
       {json::array(), json({{"seed=1"}}), json({{"seed"}, {"seed=1"}}), json({{1}, {2}}), json(1)}) {
    body["breed"] = wrong;
    EXPECT_GE(post("/api/grid", body)->status, 400) << wrong;
  }
}

TEST_F(StudioTest, ShowsWhatLayersAndClassesDreamOf) {
  test::write_file(scratch_ / "labels.txt", "tench\ngoldfish\n");
  test::write_file(scratch_ / "tiny.yaml",
                   "name: tiny\nfile: tiny.onnx\nlabels: labels.txt\nclasses: [relu3]\n"
                   "recommended: {layers: [mixed1]}\n");
  const auto info = json::parse(get("/api/network?name=tiny.onnx")->body);
  EXPECT_THAT(info["other_layers"], testing::Contains("relu3"));
  EXPECT_THAT(info["other_layers"], testing::Not(testing::Contains("mixed1")));
  json body{{"network", "tiny.onnx"}, {"layers", {"mixed1", "none"}}, {"classes", {1}}};
  const auto nothing = posted("/api/atlas", body);
  EXPECT_EQ(nothing["atlas"], nullptr) << "nobody has asked to draw";
  EXPECT_EQ(nothing["shown"][0], json({{"of", "mixed1"}, {"pictures", nullptr}, {"wish", 0}}));
  body["draws"] = true;
  const auto atlas = posted("/api/atlas", body)["atlas"];
  const auto drawn = [&](int wish) {
    return wait_for(
        [&](const json& event) { return event.value("atlas", json()) == atlas && event["wish"] == wish; });
  };
  const auto layer = drawn(0);
  EXPECT_EQ(layer["state"], "whole");
  ASSERT_EQ(layer["pictures"].size(), 3U) << "the whole layer, and two channels";
  EXPECT_EQ(layer["pictures"][0]["channel"], nullptr);
  EXPECT_TRUE(layer["pictures"][1]["channel"].is_number());
  EXPECT_THAT(drawn(1)["problems"][0]["message"], HasSubstr("none"));
  const auto goldfish = drawn(2);
  ASSERT_EQ(goldfish["pictures"].size(), 1U);
  const std::string bytes = get(goldfish["pictures"][0]["picture"])->body;
  EXPECT_THAT(bytes, testing::StartsWith("\xFF\xD8"));
  // They are kept: another studio has them at once.
  end();
  start_again();
  body["layers"] = {"mixed1"};
  const auto known = posted("/api/atlas", body);
  EXPECT_EQ(known["atlas"], nullptr) << "nothing is left to draw";
  EXPECT_EQ(known["shown"][0]["pictures"][1]["channel"], layer["pictures"][1]["channel"]);
  EXPECT_EQ(get(known["shown"][1]["pictures"][0]["picture"])->body, bytes);
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, json>>{
           {"layers", 1},
           {"layers", {1}},
           {"layers", json(std::vector<std::string>(65, "mixed1"))},
           {"classes", {-1}},
           {"classes", {"tench"}},
           {"draws", 1}}) {
    auto wrong = body;
    wrong[key] = value;
    EXPECT_EQ(post("/api/atlas", wrong)->status, 400) << key << " " << value;
  }
  EXPECT_EQ(post("/api/atlas", {{"network", "../tiny.onnx"}})->status, 403);
  EXPECT_EQ(post("/api/atlas", {{"network", "gone.onnx"}})->status, 404);
}

TEST_F(StudioTest, PreviewsAndGridsComeBeforeAnAtlas) {
  auto endless = scene(job("photo.png", "o.png"));
  endless["set"] = {"dream.iterations=1000"};
  const auto first = posted("/api/preview", endless)["preview"];
  wait_for([&](const json& event) { return event.value("preview", json()) == first; });  // it has begun
  const json body{{"network", "tiny.onnx"}, {"layers", {"mixed1"}}, {"draws", true}};
  const auto atlas = posted("/api/atlas", body)["atlas"];
  auto tiles = scene(job("photo.png", "o.png"));
  tiles["tiles"] = {{{"set", {"seed=1"}}}};
  const auto grid = posted("/api/grid", tiles)["grid"];
  const auto second = posted("/api/preview", scene(job("photo.png", "o.png")))["preview"];
  std::vector<std::string> order;
  wait_for([&](const json& event) {
    const bool is_whole = event["state"] == "whole";
    if (is_whole && event.value("preview", json()) == second) order.emplace_back("preview");
    if (is_whole && event.value("grid", json()) == grid) order.emplace_back("grid");
    if (event.value("atlas", json()) == atlas) order.emplace_back("atlas");
    return !order.empty() && order.back() == "atlas";
  });
  EXPECT_EQ(order, (std::vector<std::string>{"preview", "grid", "atlas"}));
}

}  // namespace
}  // namespace dreamreel::studio
