// The server as a page or a script sees it, with a network that takes no time.
#include "dreamreel/studio/studio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dreamreel/core/error.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::studio {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// The machine may be busy, and a sanitizer takes its time.
#ifdef __SANITIZE_ADDRESS__
constexpr auto kPatience = std::chrono::minutes(10);
#else
constexpr auto kPatience = std::chrono::minutes(1);
#endif
constexpr const char* kOddName = "<img src=x onerror=alert(1)>.mp4";

// A running studio in a folder with a clip, a photo and a job.
class StudioTest : public testing::Test {
 protected:
  StudioTest() {
    setenv("XDG_CACHE_HOME", (scratch_ / "cache").c_str(), 1);  // what renders say is kept there
    setenv("DREAMREEL_LOOKS", (scratch_ / "looks").c_str(), 1);
    test::write_tiny_network(scratch_.path());
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1", "-pix_fmt", "yuv420p",
                  (scratch_ / kOddName).string()});
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64:duration=1", "-frames:v", "1",
                  (scratch_ / "photo.png").string()});
    test::write_file(scratch_ / "job.yaml", job("photo.png", "out.png"));
    std::filesystem::create_directory(scratch_ / "looks");
    test::write_file(
        scratch_ / "looks/mine.yaml",
        "# A look of one's own. It is quick.\nnetwork: ../tiny.onnx\ndevice: cpu\nprecision: fp32\n"
        "dream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 2}\n");
    StudioOptions options;
    options.folder = scratch_.path();
    options.opened = scratch_ / "job.yaml";
    options.program = DREAMREEL_EXECUTABLE;
    options.most_upload_bytes = 1000;
    start(options);
  }

  ~StudioTest() override {
    end();
    unsetenv("DREAMREEL_LOOKS");
    if (cache_before_.empty())
      unsetenv("XDG_CACHE_HOME");
    else
      setenv("XDG_CACHE_HOME", cache_before_.c_str(), 1);
  }

  void start(const StudioOptions& options) {
    options_ = options;
    stop_ = false;
    studio_ = std::make_unique<Studio>(options);
    running_ = std::thread([this] { studio_->run(stop_); });
    const std::string address = studio_->address();
    const auto token = address.find("/?token=");
    port_ = std::stoi(address.substr(17, token - 17));
    token_ = address.substr(token + 8);
    listening_ = std::thread([this] { listen(); });
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [this] { return hears_; });
  }

  void end() {
    if (!studio_) return;
    stop_ = true;
    running_.join();
    listening_.join();
    studio_.reset();
    hears_ = false;
  }

  void start_again() { start(options_); }

  static std::string job(const std::string& input, const std::string& output) {
    return "input: {path: '" + input + "'}\noutput: {path: " + output +
           "}\nnetwork: tiny.onnx\ndevice: cpu\nprecision: fp32\n"
           "dream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 2}\n";
  }

  httplib::Client client() const {
    httplib::Client made("127.0.0.1", port_);
    made.set_read_timeout(kPatience);
    return made;
  }
  httplib::Headers with_token() const { return {{"Authorization", "Bearer " + token_}}; }

  httplib::Result get(const std::string& path) const { return client().Get(path, with_token()); }
  httplib::Result post(const std::string& path, const json& body) const {
    return client().Post(path, with_token(), body.dump(), "application/json");
  }
  json posted(const std::string& path, const json& body) const {
    const auto result = post(path, body);
    if (!result || result->status != 200)
      throw std::runtime_error(path + ": " +
                               (result ? std::to_string(result->status) + result->body : "none"));
    return json::parse(result->body);
  }
  json scene(const std::string& text) const { return {{"file", "job.yaml"}, {"text", text}}; }

  void listen() {
    std::string text;
    client().Get("/api/events", with_token(), [&](const char* data, std::size_t count) {
      text.append(data, count);
      const std::lock_guard lock(mutex_);
      hears_ = true;
      for (std::size_t end = 0; (end = text.find("\n\n")) != std::string::npos; text.erase(0, end + 2))
        if (text.starts_with("data: ")) heard_.push_back(json::parse(text.substr(6, end - 6)));
      changed_.notify_all();
      return true;
    });
  }

  // The first event that `wanted` takes; those before it are forgotten.
  json wait_for(const std::function<bool(const json&)>& wanted) {
    std::unique_lock lock(mutex_);
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      while (!heard_.empty()) {
        const json event = heard_.front();
        heard_.pop_front();
        if (wanted(event)) return event;
      }
      if (changed_.wait_until(lock, end) == std::cv_status::timeout)
        throw std::runtime_error("no such event came");
    }
  }
  json wait_for_render(const std::string& state) {
    return wait_for([&](const json& event) {
      if (event["event"] != "render") return false;
      if (event["state"] == "failed") throw std::runtime_error(event.dump());
      return event["state"] == state;
    });
  }

  // The answer to a request of which nothing but the headers is ever sent, until the connection ends.
  std::string answer_to_headers(const std::string& headers) const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&  // NOLINT
        send(fd, headers.data(), headers.size(), 0) == static_cast<ssize_t>(headers.size())) {
      std::array<char, 1024> part{};
      for (ssize_t count = 0; (count = recv(fd, part.data(), part.size(), 0)) > 0;)
        answer.append(part.data(), static_cast<std::size_t>(count));
    }
    close(fd);
    return answer;
  }

  test::ScratchDir scratch_;
  const std::string cache_before_ = std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "";
  StudioOptions options_;
  std::unique_ptr<Studio> studio_;
  std::atomic<bool> stop_{false};
  std::thread running_, listening_;
  int port_ = 0;
  std::string token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hears_ = false;
  std::deque<json> heard_;
};

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
  for (const auto& no_picture : {"job.yaml", "song.mp3"})
    EXPECT_EQ(status({{"input", no_picture}}), 400) << no_picture;
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
  std::set<std::string> pictures;
  for (const int frame : {0, 7, 3, 5, 4}) {
    body["frame"] = frame;
    const auto picture = post("/api/rendered_frame", body);
    EXPECT_EQ(picture->status, 200) << frame;
    EXPECT_EQ(picture->get_header_value("Content-Type"), "image/jpeg");
    pictures.insert(picture->body);
  }
  EXPECT_EQ(pictures.size(), 5U) << "each frame has a picture of its own";
  body["frame"] = 8;
  EXPECT_EQ(post("/api/rendered_frame", body)->status, 404);
  const auto again = test::run_process({DREAMREEL_EXECUTABLE, "-q", "render", "-y", "--keep-dreams",
                                        "--restart", (scratch_ / "job.yaml").string()});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(rendered("1.2")["ranges"], json({range(0, 5, "kept"), range(5, 8, "stale")}));
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
  test::write_file(scratch_ / "out.mkv", "a person's own text");
  EXPECT_EQ(posted("/api/rendered", scene(job(kOddName, "out.mkv")))["ranges"], json::array());
}

TEST_F(StudioTest, DescribesNetworksWithTheirLayersAndClasses) {
  const test::ScratchDir cards;
  test::write_file(cards / "beasts.txt", "n01440764 tench, Tinca tinca\ngoldfish\n");
  test::write_file(cards / "beasts.yaml",
                   "name: beasts\nfile: beasts.onnx\ndescription: Two fish.\nlabels: beasts.txt\n"
                   "recommended: {layers: [mixed1]}\n");
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
