// Preloaded into dreamreel-engine by tests that start it many times. A short run spends most of its time, a
// second, before main() begins: the dynamic linker looks up LibTorch's symbols, and LibTorch registers its
// operators. With this library, one process loads everything once and waits where main() would begin. For
// each request it forks, and the child goes on into main() with the arguments, the environment, the folder
// and the files of the request. So a child is the same program in the same state; only its parent is
// another process.
//
// The socket's number is in DREAMREEL_TEST_WARM_SOCKET; without it nothing changes. A request is the length
// of a text (4 bytes, with which stdin, stdout and stderr are passed), and the text: the folder, the number
// of arguments, the arguments, and the environment, each ended by a zero. The answers are the child's
// process number and, when it has ended, its status as waitpid() gives it (4 bytes each). tests/e2e/warm.py
// and warm_engine.cpp are the other side.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

extern char** environ;

namespace {

using Main = int (*)(int, char**, char**);
using Hook = void (*)();
using Start = int (*)(Main, int, char**, Hook, Hook, Hook, void*);

constexpr int kFiles = 3;

// What the child goes on with. main() and libc point into it.
struct Request {
  std::array<int, kFiles> files{};
  std::string text;
  std::vector<char*> arguments, environment;
};

[[noreturn]] void give_up(const char* what) {
  dprintf(STDERR_FILENO, "warm_start: %s: %s\n", what, std::strerror(errno));
  _exit(1);
}

bool read_all(int socket, char* to, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t got = read(socket, to + done, bytes - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

// False if the other side is gone.
bool receive(int socket, Request& request) {
  std::uint32_t bytes = 0;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFiles)> control{};
  iovec whole{.iov_base = &bytes, .iov_len = sizeof bytes};
  msghdr message{};
  message.msg_iov = &whole;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = recvmsg(socket, &message, MSG_WAITALL);
  if (got == 0) return false;
  const cmsghdr* const files = CMSG_FIRSTHDR(&message);
  if (got != sizeof bytes || files == nullptr || files->cmsg_len != CMSG_LEN(sizeof(int) * kFiles))
    give_up("a request came without its files");
  std::memcpy(request.files.data(), CMSG_DATA(files), sizeof(int) * kFiles);
  request.text.resize(bytes);
  return read_all(socket, request.text.data(), bytes);
}

void answer(int socket, std::int32_t number) {
  if (write(socket, &number, sizeof number) != sizeof number) _exit(0);  // the test has ended
}

// Turns this process into the one that was asked for.
void become(Request& request) {
  std::vector<char*> words;
  for (std::size_t at = 0; at < request.text.size(); at += std::strlen(words.back()) + 1)
    words.push_back(request.text.data() + at);
  if (words.size() < 2) give_up("a request is too short");
  if (chdir(words[0]) != 0) give_up(words[0]);
  const auto first = words.begin() + 2;
  const auto last = first + std::strtol(words[1], nullptr, 10);
  request.arguments.assign(first, last);
  request.arguments.push_back(nullptr);
  request.environment.assign(last, words.end());
  request.environment.push_back(nullptr);
  environ = request.environment.data();
  for (int number = 0; number < kFiles; ++number)
    if (dup2(request.files[static_cast<std::size_t>(number)], number) < 0) give_up("dup2");
  for (const int file : request.files)
    if (file >= kFiles) close(file);
}

// Returns in each child.
void serve(int socket, Request& request) {
  while (receive(socket, request)) {
    const pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child == 0) {
      close(socket);
      become(request);
      return;
    }
    for (const int file : request.files) close(file);
    answer(socket, child);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    answer(socket, status);
  }
  _exit(0);
}

}  // namespace

// libc's function that calls main(). All libraries are loaded by then.
extern "C" int __libc_start_main(Main main, int argc, char** argv, Hook init, Hook fini, Hook at_exit,
                                 void* stack_end) {  // NOLINT: libc's name and signature
  const auto start = reinterpret_cast<Start>(dlsym(RTLD_NEXT, "__libc_start_main"));
  const char* const socket = std::getenv("DREAMREEL_TEST_WARM_SOCKET");
  if (socket == nullptr) return start(main, argc, argv, init, fini, at_exit, stack_end);
  // Never destroyed, because destructors that run after main() read the environment.
  static Request& request = *new Request;
  serve(std::atoi(socket), request);
  return start(main, static_cast<int>(request.arguments.size()) - 1, request.arguments.data(), init, fini,
               at_exit, stack_end);
}
