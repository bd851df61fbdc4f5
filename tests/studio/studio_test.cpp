// The server as a page or a script sees it: who may ask, files, jobs, dreams.
#include "dreamreel/studio/studio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX

#include <string>
#include <thread>
#include <vector>

#include "dreamreel/core/error.h"
#include "studio_fixture.h"
#include "support/files.h"

namespace dreamreel::studio {
namespace {

using testing::HasSubstr;

TEST_F(StudioTest, AsksForTheTokenAndForItsOwnHostAndOrigin) {
  EXPECT_EQ(client().Get("/api/studio")->status, 401);
  EXPECT_EQ(client().Get("/")->status, 401);
  EXPECT_EQ(client().Post("/api/check", "{}", "application/json")->status, 401);
  auto headers = with_token();
  headers.emplace("Origin", "http://evil.example");
  EXPECT_EQ(client().Post("/api/preview", headers, "{}", "application/json")->status, 403);
  EXPECT_EQ(client().Post("/api/files?name=a.png", headers, "x", "application/octet-stream")->status, 403);
  headers = with_token();
  headers.emplace("Host", "evil.example");
  EXPECT_EQ(client().Get("/api/studio", headers)->status, 421);
  EXPECT_EQ(get("/api/studio")->status, 200);
  EXPECT_EQ(get("/api/nothing")->status, 404);
}

TEST_F(StudioTest, TheTokenInTheAddressBecomesACookie) {
  const auto answer = client().Get("/?token=" + token_);
  EXPECT_EQ(answer->status, 302);
  const std::string cookie = answer->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("HttpOnly"));
  EXPECT_THAT(cookie, HasSubstr("SameSite=Strict"));
  EXPECT_EQ(client().Get("/api/studio", {{"Cookie", cookie.substr(0, cookie.find(';'))}})->status, 200);
  EXPECT_EQ(client().Get("/?token=wrong")->status, 401);
  EXPECT_THAT(answer->get_header_value("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
}

TEST_F(StudioTest, ReadsAndWritesOnlyInItsFolder) {
  const test::ScratchDir elsewhere;
  test::write_file(elsewhere / "secret.yaml", "seed: 5\n");
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64:duration=1", "-frames:v", "1",
                (elsewhere / "secret.png").string()});
  EXPECT_EQ(get("/api/job?file=../secret.yaml")->status, 403);
  EXPECT_EQ(get("/api/job?file=/etc/passwd")->status, 403);
  EXPECT_EQ(get("/api/files/..%2F..%2Fetc%2Fpasswd")->status, 403);
  const auto problem_of = [&](const std::string& text) {
    return posted("/api/check", scene(text))["problems"].at(0)["message"].get<std::string>();
  };
  EXPECT_THAT(problem_of(job((elsewhere / "secret.png").string(), "o.png")), HasSubstr("studio's folder"));
  EXPECT_THAT(problem_of(job("photo.png", (elsewhere / "o.png").string())), HasSubstr("studio's folder"));
  const auto several = [](const std::string& second) {
    std::string text = job("photo.png", "o.png");
    const std::string one = "output: {path: o.png}";
    return text.replace(text.find(one), one.size(), "outputs: [{path: o.png}, {path: " + second + "}]");
  };
  EXPECT_THAT(problem_of(several((elsewhere / "o.jpg").string())), HasSubstr("studio's folder"));
  EXPECT_EQ(posted("/api/check", scene(several("o.jpg")))["ok"], true);
  EXPECT_THAT(
      problem_of("extends: " + (elsewhere / "secret.yaml").string() + "\n" + job("photo.png", "o.png")),
      HasSubstr("outside of the studio's folder"));
  EXPECT_EQ(post("/api/source", scene(job((elsewhere / "secret.png").string(), "o.png")))->status, 422);
}

TEST_F(StudioTest, BoundsWhatIsSent) {
  const auto upload = [&](const std::string& name, std::size_t size) {
    return client().Post("/api/files?name=" + name, with_token(), std::string(size, 'x'),
                         "application/octet-stream");
  };
  EXPECT_EQ(upload("a.png", 1001)->status, 413);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "a.png"));
  EXPECT_EQ(json::parse(upload("a.png", 1000)->body)["name"], "a.png");
  EXPECT_EQ(json::parse(upload("a.png", 1)->body)["name"], "a-2.png");
  EXPECT_EQ(upload("a.html", 1)->status, 400);
  EXPECT_EQ(client().Post("/api/files?name=b.png", with_token(), "x", "text/plain")->status, 415);
  EXPECT_EQ(client().Post("/api/check", with_token(), std::string(3 << 20, ' '), "application/json")->status,
            413);
  EXPECT_EQ(client().Post("/api/check", with_token(), "{}", "text/plain")->status, 415);
  EXPECT_EQ(client().Post("/api/check", with_token(), "[", "application/json")->status, 400);
  EXPECT_EQ(client().Post("/api/check", with_token(), std::string(100, '['), "application/json")->status,
            422);
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, json>>{
           {"side", 5000}, {"side", 0}, {"frame", -1}, {"frame", 1e30}, {"frame", "1"}, {"set", {1}}}) {
    auto body = scene(job("photo.png", "o.png"));
    body[key] = value;
    EXPECT_EQ(post("/api/source", body)->status, 400) << key;
  }
  EXPECT_EQ(
      post("/api/source", {{"file", "job.yaml"}, {"text", job("photo.png", "o.png")}, {"frame", 1}})->status,
      422);
}

TEST_F(StudioTest, RefusesTheBodiesOfUnlistedAddressesUnread) {
  const std::string host = " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
  for (const char* const request : {"PUT /x", "POST /api/none", "DELETE /api/job", "PATCH /", "GET /"})
    for (const char* const length : {"Content-Length: 3145728", "Transfer-Encoding: chunked"}) {
      const std::string answer = answer_to_headers(request + host + length + "\r\n\r\n");
      EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 404")) << request << ", " << length;
      EXPECT_THAT(answer, HasSubstr("no such address"));
    }
  EXPECT_EQ(client().Post("/api/check", std::string(3 << 20, ' '), "application/json")->status, 401);
  EXPECT_EQ(get("/api/studio")->status, 200);
}

TEST_F(StudioTest, TwoUploadsOfOneNameAtOnceAreTwoFiles) {
  std::string second;
  const auto first = client().Post(
      "/api/files?name=a.png", with_token(), 2,
      [&](std::size_t offset, std::size_t, httplib::DataSink& sink) {
        if (offset == 1)  // the studio has chosen a name for the first one, which is not whole yet
          second =
              client().Post("/api/files?name=a.png", with_token(), "b", "application/octet-stream")->body;
        return sink.write("a", 1);
      },
      "application/octet-stream");
  ASSERT_EQ(first->status, 200);
  EXPECT_EQ(test::read_file(scratch_ / json::parse(first->body)["name"].get<std::string>()), "aa");
  EXPECT_EQ(test::read_file(scratch_ / json::parse(second)["name"].get<std::string>()), "b");
}

TEST_F(StudioTest, APortOfARunningStudioIsTaken) {
  StudioOptions options = options_;
  options.port = port_;
  EXPECT_THROW(Studio{options}, UnavailableError);
  const int port = port_;
  end();
  options_.port = port;
  start_again();  // and free at once when that one has ended
  EXPECT_EQ(port_, port);
}

TEST_F(StudioTest, TheOpenedJobMayExtendFilesOfElsewhere) {
  const test::ScratchDir elsewhere;
  test::write_file(elsewhere / "older.yaml", "seed: 5\n");
  test::write_file(elsewhere / "base.yaml", "extends: older.yaml\n");
  test::write_file(elsewhere / "other.yaml", "seed: 6\n");
  const auto text = [&](const char* file) {
    return "extends: " + (elsewhere / file).string() + "\n" + job("photo.png", "out.png");
  };
  test::write_file(scratch_ / "job.yaml", text("base.yaml"));
  end();
  start_again();
  EXPECT_EQ(posted("/api/check", scene(text("base.yaml")))["ok"], true);
  EXPECT_EQ(posted("/api/check", scene(text("other.yaml")))["ok"], false);
}

TEST_F(StudioTest, TellsMistakesAtTheirLines) {
  const auto report =
      posted("/api/check", scene(job("photo.png", "o.png") + "dream.step: 1\ncamera: {zoom: 1+}\n"));
  EXPECT_EQ(report["ok"], false);
  EXPECT_EQ(report["exit_code"], 78);
  ASSERT_GE(report["problems"].size(), 2U);
  EXPECT_EQ(report["problems"][0]["line"], 7);
  EXPECT_EQ(report["problems"][1]["line"], 8);
  EXPECT_EQ(report["problems"][1]["key"], "camera.zoom");
  const auto fine = posted("/api/check", scene(job("photo.png", "o.png")));
  EXPECT_EQ(fine["ok"], true) << fine;
  EXPECT_EQ(fine["info"]["width"], 96);
  EXPECT_EQ(fine["output"], "o.png");
}

TEST_F(StudioTest, AnOddNameIsANameLikeAnyOther) {
  const auto files = json::parse(get("/api/files")->body)["files"];
  EXPECT_TRUE(std::ranges::any_of(files, [](const auto& file) { return file["name"] == kOddName; }));
  const auto body = scene(job(kOddName, "o.mp4"));
  EXPECT_EQ(posted("/api/check", body)["info"]["frames"], 8);
  EXPECT_EQ(post("/api/source", body)->get_header_value("Content-Type"), "image/jpeg");
  const auto file = get("/api/files/%3Cimg%20src=x%20onerror=alert(1)%3E.mp4");
  EXPECT_EQ(file->status, 200);
  EXPECT_EQ(file->body, test::read_file(scratch_ / kOddName));
  EXPECT_EQ(get("/api/files/tiny.onnx")->get_header_value("Content-Type"), "application/octet-stream");
}

TEST_F(StudioTest, APhotoOrAClipIsEnoughToBegin) {
  const auto begun = posted("/api/begin", {{"input", kOddName}});
  EXPECT_EQ(begun["file"], "<img src=x onerror=alert(1)>.yaml");
  EXPECT_EQ(begun["revision"], "");
  const auto report = posted("/api/check", begun);
  EXPECT_EQ(report["ok"], true) << report;
  EXPECT_EQ(report["info"]["frames"], 8);
  EXPECT_EQ(report["output"], "<img src=x onerror=alert(1)>_dream.mp4");
  EXPECT_EQ(posted("/api/begin", {{"input", "photo.png"}})["file"], "photo.yaml");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "photo.yaml"));
  std::filesystem::create_symlink("nowhere", scratch_ / "photo.yaml");
  EXPECT_EQ(posted("/api/begin", {{"input", "photo.png"}})["file"], "photo-2.yaml");
  // A "%" is a "%", and a folder's files lie beside each other.
  std::filesystem::create_directory(scratch_ / "trip");
  std::filesystem::copy(scratch_ / "photo.png", scratch_ / "trip/100%d.png");
  const auto in_folder = posted("/api/begin", {{"input", "trip/100%d.png"}});
  EXPECT_EQ(in_folder["file"], "trip/100%d.yaml");
  EXPECT_EQ(posted("/api/check", in_folder)["info"]["is_still"], true) << in_folder;
}

TEST_F(StudioTest, NoiseOrASongAloneIsEnoughToBegin) {
  const auto begun =
      posted("/api/begin", {{"noise", {{"width", 96}, {"height", 64}, {"seconds", 2.5}}}, {"look", "mine"}});
  EXPECT_EQ(begun["file"], "noise.yaml");
  const auto noise = posted("/api/check", begun);
  EXPECT_EQ(noise["ok"], true) << noise;
  EXPECT_EQ(noise["info"]["width"], 96);
  EXPECT_EQ(noise["info"]["frames"], 60);
  EXPECT_EQ(noise["output"], "noise_dream.mp4");
  std::filesystem::create_directory(scratch_ / "songs");
  test::ffmpeg({"-f", "lavfi", "-i", "sine=d=1.51", (scratch_ / "songs/a 'song'.wav").string()});
  const auto song = posted("/api/begin", {{"input", "songs/a 'song'.wav"}, {"look", "mine"}});
  EXPECT_EQ(song["file"], "songs/a 'song'.yaml");
  const auto pulsing = posted("/api/check", song);
  EXPECT_EQ(pulsing["ok"], true) << pulsing;
  EXPECT_EQ(pulsing["info"]["frames"], 36) << "as long as the song";
  EXPECT_EQ(pulsing["info"]["width"], 1280);
  const auto sheet = posted("/api/curves", song);
  EXPECT_FALSE(sheet["sound"].is_null());
  const auto shorter = posted("/api/begin", {{"input", "songs/a 'song'.wav"}, {"noise", {{"seconds", 1}}}});
  EXPECT_EQ(posted("/api/check", shorter)["info"]["frames"], 24);
}

TEST_F(StudioTest, BeginsWithNothingElse) {
  const test::ScratchDir elsewhere;
  std::filesystem::copy(scratch_ / "photo.png", elsewhere / "secret.png");
  std::filesystem::create_symlink(elsewhere / "secret.png", scratch_ / "link.png");
  test::write_file(scratch_ / "song.mp3", std::string(100, '\0'));
  const auto status = [&](const json& body) { return post("/api/begin", body)->status; };
  for (const auto& outside : {"../secret.png", "/etc/passwd", "link.png", ".hidden.png", ""})
    EXPECT_EQ(status({{"input", outside}}), 403) << outside;
  EXPECT_EQ(status({{"input", "gone.png"}}), 404);
  EXPECT_EQ(status({{"input", "looks"}}), 404);
  EXPECT_EQ(status({{"input", "job.yaml"}}), 400);
  EXPECT_EQ(status({{"input", "song.mp3"}}), 422) << "it has no sound";
  EXPECT_EQ(status({{"input", "photo.png"}, {"noise", json::object()}}), 400);
  for (const auto& noise : std::initializer_list<json>{
           1, {{"width", 0}}, {{"width", 9000}}, {{"height", "1"}}, {{"seconds", 0}}, {{"seconds", 1e9}}})
    EXPECT_EQ(status({{"noise", noise}}), 400) << noise;
  EXPECT_EQ(status({{"noise", json::object()}, {"look", 1}}), 400);
  EXPECT_EQ(status({{"input", 1}}), 400);
  EXPECT_EQ(status(json::object()), 400);
}

TEST_F(StudioTest, LooksAreDreamedOnOnesOwnFrame) {
  const auto looks = json::parse(get("/api/looks")->body)["looks"];
  EXPECT_THAT(looks, testing::Contains(json{{"name", "mine"}, {"sentence", "A look of one's own."}}));
  EXPECT_TRUE(std::ranges::any_of(looks, [](const auto& look) { return look["name"] == "dogs"; }));
  auto body = posted("/api/begin", {{"input", "photo.png"}});
  body["tiles"] = {
      {{"set", {"look=mine"}}}, {{"set", {"look=dogs"}}}, {{"set", {"look=<img src=x onerror=alert(1)>"}}}};
  const auto grid = posted("/api/grid", body)["grid"];
  const auto tile = [&](int number) {
    return wait_for(
        [&](const json& event) { return event.value("grid", json()) == grid && event["tile"] == number; });
  };
  const auto mine = tile(0);
  EXPECT_EQ(mine["state"], "whole") << mine;
  EXPECT_EQ(mine["width"], 96);
  const auto dogs = tile(1);
  EXPECT_EQ(dogs["state"], "failed");
  EXPECT_EQ(dogs["missing"], json({"oid"})) << dogs;
  EXPECT_THAT(dogs["problems"].at(0)["message"], HasSubstr("dreamreel fetch oid"));
  EXPECT_EQ(tile(2)["state"], "failed");
}

TEST_F(StudioTest, AFolderOfCardsOpensNoFolderAroundIt) {
  const test::ScratchDir elsewhere;
  std::filesystem::create_directory(elsewhere / "cards");
  test::write_file(elsewhere / "secret.yaml", "seed: 5\n");
  std::filesystem::copy(scratch_ / "photo.png", elsewhere / "secret.png");
  end();
  setenv("DREAMREEL_CARDS", (elsewhere / "cards").c_str(), 1);
  start_again();
  unsetenv("DREAMREEL_CARDS");
  EXPECT_EQ(post("/api/source", scene(job((elsewhere / "secret.png").string(), "o.png")))->status, 422);
  for (const auto* const key : {"extends", "look"}) {
    const auto report = posted("/api/check", scene(job("photo.png", "o.png") + key + ": " +
                                                   (elsewhere / "secret.yaml").string() + "\n"));
    EXPECT_THAT(report["problems"].at(0)["message"], HasSubstr("outside of the studio's folder")) << key;
  }
}

TEST_F(StudioTest, CurvesAreTheRenderers) {
  const auto text = job(kOddName, "o.mp4") + "camera: {zoom: \"1+n/8\", rotate: {0f: 0, 8f: 8}}\n";
  const auto sheet = posted("/api/curves", scene(text));
  const auto curve = [&](const std::string& key) {
    return *std::ranges::find_if(sheet["curves"], [&](const auto& one) { return one["key"] == key; });
  };
  EXPECT_EQ(sheet["frames"].size(), 8U);
  EXPECT_EQ(curve("camera.zoom")["values"][4], 1.5);
  EXPECT_EQ(curve("camera.rotate")["values"][3], 3);
  EXPECT_EQ(curve("dream.octaves")["constant"], true);
  auto part = scene(text);
  part["begin"] = 2;
  part["end"] = 7;
  part["points"] = 2;
  EXPECT_EQ(posted("/api/curves", part)["frames"], json({2, 6}));
}

TEST_F(StudioTest, ShowsTheMaskOfAFrame) {
  const auto masked = [this](const std::string& mask) {
    json body = scene(job(kOddName, "o.mkv"));
    body["set"] = {"dream.mask=" + mask};
    return body;
  };
  EXPECT_EQ(post("/api/mask", scene(job(kOddName, "o.mkv")))->status, 404) << "the job has no mask";
  auto body = masked("{from: luma, range: [0.5, 1]}");
  EXPECT_EQ(posted("/api/check", body)["has_mask"], true);
  body["frame"] = 3;
  const auto picture = post("/api/mask", body);
  ASSERT_EQ(picture->status, 200) << picture->body;
  EXPECT_EQ(picture->get_header_value("Content-Type"), "image/jpeg");
  test::write_file(scratch_ / "mask.jpg", picture->body);
  const auto pixels = pixels_of("mask.jpg", 0);
  EXPECT_EQ(pixels.size(), std::size_t{96} * 64 * 3);
  for (const char value : {'\0', '\xff'}) EXPECT_THAT(pixels, HasSubstr(std::string(30, value)));
  body["frame"] = 8;
  EXPECT_EQ(post("/api/mask", body)->status, 422);
  // A network that is missing says what fetches it.
  const auto person = post("/api/mask", masked("{from: person}"));
  EXPECT_EQ(person->status, 422);
  EXPECT_THAT(person->body, HasSubstr("dreamreel fetch"));
  const test::ScratchDir elsewhere;
  std::filesystem::copy(scratch_ / "photo.png", elsewhere / "secret.png");
  const auto secret = post("/api/mask", masked("{path: " + (elsewhere / "secret.png").string() + "}"));
  EXPECT_EQ(secret->status, 422);
  EXPECT_THAT(secret->body, HasSubstr("studio's folder"));
  EXPECT_EQ(client().Post("/api/mask", "{}", "application/json")->status, 401);
}

TEST_F(StudioTest, SeriesAndTheMasksRangeAreDrawnToo) {
  test::write_file(scratch_ / "knob.csv", "time,knob\n0,0\n0.5,1\n1,1\n");
  const auto text = job(kOddName, "o.mp4") + "series: {knob: knob.csv}\ncamera: {zoom: \"1+knob/8\"}\n";
  auto body = scene(text);
  body["set"] = {"dream.mask={from: luma, range: [0.25, {0f: 0.5, 4f: 1}]}"};
  const auto sheet = posted("/api/curves", body);
  ASSERT_EQ(sheet["own_variables"].size(), 1U);
  EXPECT_EQ(sheet["own_variables"][0]["name"], "knob");
  EXPECT_EQ(sheet["own_variables"][0]["values"], json({0, 0.25, 0.5, 0.75, 1, 1, 1, 1}));
  const auto values_of = [&](const std::string& key) {
    return std::ranges::find_if(sheet["curves"], [&](const auto& one) { return one["key"] == key; })
        ->at("values");
  };
  EXPECT_EQ(values_of("dream.mask.range.0"), json({0.25}));
  EXPECT_EQ(values_of("dream.mask.range.1")[4], 1);
}

TEST_F(StudioTest, SavesUnlessAnotherPageHasSavedMeanwhile) {
  const auto read = json::parse(get("/api/job?file=job.yaml")->body);
  auto body = scene("# mine\n" + job("photo.png", "out.png"));
  body["revision"] = read["revision"];
  const auto saved = posted("/api/job", body);
  EXPECT_THAT(test::read_file(scratch_ / "job.yaml"), HasSubstr("# mine"));
  EXPECT_EQ(post("/api/job", body)->status, 409);
  body["revision"] = saved["revision"];
  EXPECT_EQ(post("/api/job", body)->status, 200);
  body["text"] = "#" + std::string(3 << 19, 'x') + "\n" + job("photo.png", "out.png");
  EXPECT_EQ(post("/api/job", body)->status, 413) << "it could not be read again";
  EXPECT_EQ(get("/api/job?file=job.yaml")->status, 200);
  body["text"] = job("photo.png", "out.png");
  body["file"] = "tiny.onnx";
  EXPECT_EQ(post("/api/job", body)->status, 400);
}

TEST_F(StudioTest, DescribesNetworksWithTheirLayersAndClasses) {
  const test::ScratchDir cards;
  test::write_file(cards / "beasts.txt", "n01440764 tench, Tinca tinca\ngoldfish\n");
  test::write_file(cards / "beasts.yaml",
                   "name: beasts\nfile: beasts.onnx\ndescription: Two fish.\nlabels: beasts.txt\n"
                   "recommended: {layers: [mixed1]}\n");
  test::write_file(cards / "broken.yaml", "name: [\n");
  setenv("DREAMREEL_CARDS", cards.path().c_str(), 1);
  setenv("DREAMREEL_NETWORKS", cards.path().c_str(), 1);
  end();
  start_again();
  const auto networks = json::parse(get("/api/networks")->body)["networks"];
  const auto beasts = json::parse(get("/api/network?name=beasts")->body);
  unsetenv("DREAMREEL_CARDS");
  unsetenv("DREAMREEL_NETWORKS");
  const auto found = std::ranges::find_if(networks, [](const auto& one) { return one["name"] == "beasts"; });
  ASSERT_NE(found, networks.end());
  EXPECT_EQ((*found)["is_fetched"], false);
  EXPECT_EQ((*found)["has_classes"], true);
  EXPECT_EQ(beasts["layers"], json({"mixed1"}));
  EXPECT_EQ(beasts["classes"], json::parse(R"([["tench", "Tinca tinca"], ["goldfish"]])"));
  EXPECT_EQ(json::parse(get("/api/network?name=tiny.onnx")->body)["is_fetched"], true);
  EXPECT_EQ(get("/api/network?name=../tiny.onnx")->status, 403);
  EXPECT_EQ(get("/api/network?name=nothing")->status, 404);
  const auto report = posted("/api/check", scene(job("photo.png", "o.png")));
  EXPECT_EQ(report["network"], "tiny.onnx");
}

TEST_F(StudioTest, ACardShowsNoFileOfElsewhereAsItsClasses) {
  const test::ScratchDir elsewhere;
  test::write_file(elsewhere / "secret.txt", "password\n");
  std::filesystem::create_symlink(elsewhere / "secret.txt", scratch_ / "labels.txt");
  test::write_file(scratch_ / "tiny.yaml", "name: tiny\nfile: tiny.onnx\nlabels: labels.txt\n");
  const auto network = get("/api/network?name=tiny.onnx");
  EXPECT_EQ(network->status, 200) << network->body;
  EXPECT_EQ(json::parse(network->body)["classes"], json::array());
}

TEST_F(StudioTest, TheSchemaHasTheFormsOfValues) {
  const auto keys = json::parse(get("/api/schema")->body)["keys"];
  const auto key = [&](const std::string& path) {
    return *std::ranges::find_if(keys, [&](const auto& one) { return one["key"] == path; });
  };
  EXPECT_EQ(key("output.preset")["form"], "choice");
  EXPECT_THAT(key("output.preset")["words"].get<std::vector<std::string>>(), testing::Contains("prores_hq"));
  EXPECT_EQ(key("dream.step")["form"], "curve");
  EXPECT_EQ(key("dream.octaves")["least"], 1);
}

}  // namespace
}  // namespace dreamreel::studio
