#include "support/warm_engine.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

extern char** environ;

namespace dreamreel::test {
namespace {

// Variables that libraries read while they are loaded begin like this. tests/e2e/warm.py has the same list.
constexpr std::array<std::string_view, 13> kReadWhenLoaded{
    "LD_",   "OMP_",  "GOMP_",  "KMP_",    "MKL_",   "OPENBLAS_", "ONEDNN_",
    "DNNL_", "ATEN_", "TORCH_", "MALLOC_", "GLIBC_", "OPENCV_"};

std::map<std::string, std::string> loading_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (std::ranges::any_of(kReadWhenLoaded, [&](auto begin) { return text.starts_with(begin); }))
      found.emplace(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
  }
  return found;
}

[[noreturn]] void warm_engine_failed(const std::string& what) {
  throw std::runtime_error("warm engine: " + what + ": " + std::strerror(errno));
}

// The engine that waits where main() would begin.
class WarmEngine {
 public:
  WarmEngine(const std::string& executable, const std::string& library);
  ~WarmEngine();
  WarmEngine(const WarmEngine&) = delete;
  WarmEngine& operator=(const WarmEngine&) = delete;

  bool takes(const std::string& executable) const {
    return executable == executable_ && loading_environment() == environment_;
  }
  ProcessResult run(const std::vector<std::string>& arguments);

 private:
  void send(const std::string& text, const std::array<int, 3>& files) const;
  std::int32_t answer() const;

  std::string executable_;
  std::map<std::string, std::string> environment_ = loading_environment();
  int socket_ = -1;
  pid_t engine_ = -1;
};

WarmEngine::WarmEngine(const std::string& executable, const std::string& library) : executable_(executable) {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) != 0) warm_engine_failed("socketpair");
  socket_ = sockets[0];
  fcntl(socket_, F_SETFD, FD_CLOEXEC);
  const char* const preloaded = std::getenv("LD_PRELOAD");
  std::vector<std::string> variables{
      "LD_PRELOAD=" + library + (preloaded ? std::string(" ") + preloaded : ""),
      "DREAMREEL_TEST_WARM_SOCKET=" + std::to_string(sockets[1])};
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view(*entry).starts_with("LD_PRELOAD=")) variables.emplace_back(*entry);
  std::vector<char*> environment;
  for (auto& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::string program = std::filesystem::path(executable).replace_filename("dreamreel-engine").string();
  std::array<char*, 2> words{program.data(), nullptr};
  const int failure =
      posix_spawn(&engine_, program.c_str(), nullptr, nullptr, words.data(), environment.data());
  close(sockets[1]);
  if (failure != 0) throw std::runtime_error("cannot start " + program + ": " + std::strerror(failure));
}

WarmEngine::~WarmEngine() {
  close(socket_);  // it ends then
  waitpid(engine_, nullptr, 0);
}

void WarmEngine::send(const std::string& text, const std::array<int, 3>& files) const {
  auto bytes = static_cast<std::uint32_t>(text.size());
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof files)> control{};
  iovec whole{.iov_base = &bytes, .iov_len = sizeof bytes};
  msghdr message{};
  message.msg_iov = &whole;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const passed = CMSG_FIRSTHDR(&message);
  passed->cmsg_level = SOL_SOCKET;
  passed->cmsg_type = SCM_RIGHTS;
  passed->cmsg_len = CMSG_LEN(sizeof files);
  std::memcpy(CMSG_DATA(passed), files.data(), sizeof files);
  if (sendmsg(socket_, &message, MSG_NOSIGNAL) != sizeof bytes) warm_engine_failed("sendmsg");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t sent = ::send(socket_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) warm_engine_failed("send");
    done += static_cast<std::size_t>(sent);
  }
}

std::int32_t WarmEngine::answer() const {
  std::int32_t number = 0;
  if (recv(socket_, &number, sizeof number, MSG_WAITALL) != sizeof number)
    throw std::runtime_error("warm engine: it ended while it was waiting for a run");
  return number;
}

ProcessResult WarmEngine::run(const std::vector<std::string>& arguments) {
  const auto end = [](const std::string& word) { return word + '\0'; };
  std::string text = end(std::filesystem::current_path().string()) +
                     end(std::to_string(arguments.size() + 1)) + end(executable_);
  for (const auto& argument : arguments) text += end(argument);
  for (char** entry = environ; *entry != nullptr; ++entry) text += end(*entry);

  const ScratchDir scratch;
  const auto out_path = scratch / "out";
  const auto err_path = scratch / "err";
  const std::array<int, 3> files{open("/dev/null", O_RDONLY | O_CLOEXEC),
                                 open(out_path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600),
                                 open(err_path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)};
  if (std::ranges::min(files) < 0) warm_engine_failed("open");
  send(text, files);
  for (const int file : files) close(file);
  answer();  // the process number
  const int status = answer();
  ProcessResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(out_path);
  result.err = read_file(err_path);
  return result;
}

}  // namespace

ProcessResult run_engine(const std::string& executable, const std::vector<std::string>& arguments) {
  const bool may_be_front = arguments.size() > 1 && arguments[0] == "farm" && arguments[1] == "chunk";
  if (const char* const library = std::getenv("DREAMREEL_WARM_START"); library != nullptr && !may_be_front) {
    static std::optional<WarmEngine> engine;
    if (!engine) engine.emplace(executable, library);
    if (engine->takes(executable)) {
      try {
        return engine->run(arguments);
      } catch (const std::runtime_error&) {
        engine.reset();  // the next run starts another one
        throw;
      }
    }
  }
  std::vector<std::string> argv{executable};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_process(argv);
}

}  // namespace dreamreel::test
