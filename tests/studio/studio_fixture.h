// A running studio and what a page or a script asks of it, with a network that takes no time.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "dreamreel/studio/studio.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::studio {

using nlohmann::json;

// The machine may be busy, pictures of layers give way to all else, and a sanitizer takes its time. The limit
// of a case in CMakeLists.txt is longer.
constexpr auto kPatience = std::chrono::minutes(10);
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

  // The RGB codes of one frame of a file.
  std::string pixels_of(const std::string& file, int frame) const {
    test::ffmpeg({"-i", (scratch_ / file).string(), "-vf", "select=eq(n\\," + std::to_string(frame) + ")",
                  "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", (scratch_ / "pixels").string()});
    return test::read_file(scratch_ / "pixels");
  }
  // The mean difference of two pictures of the same size.
  static double difference(const std::string& a, const std::string& b) {
    if (a.empty() || a.size() != b.size()) throw std::runtime_error("pictures of different sizes");
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += std::abs(static_cast<unsigned char>(a[i]) - static_cast<unsigned char>(b[i]));
    return sum / static_cast<double>(a.size());
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

}  // namespace dreamreel::studio
