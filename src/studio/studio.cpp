#include "dreamreel/studio/studio.h"

#include <fmt/core.h>
#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

#include "api.h"
#include "dreamreel/core/error.h"
#include "guard.h"
#include "page.h"
#include "routes.h"

namespace dreamreel::studio {
namespace {

// Each page that listens to events holds one; the rest answer.
constexpr std::size_t kThreads = 32;
constexpr const char* kLoopback = "127.0.0.1";

// The port may be taken again as soon as the program before has ended, but no two programs share it: the
// library's own choice, SO_REUSEPORT, would let a second studio take half of the first one's requests.
void set_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

}  // namespace

struct Studio::Impl {
  explicit Impl(const StudioOptions& options) : api(options.folder, options.opened, options.program) {
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // httplib deletes it
    server.set_tcp_nodelay(true);
    server.set_socket_options(set_options);
    server.set_read_timeout(std::chrono::seconds(30));
    add_routes(server, api, guard, port, options.most_upload_bytes);
    if (options.port == 0) {
      port = server.bind_to_any_port(kLoopback);
    } else if (server.bind_to_port(kLoopback, options.port)) {
      port = options.port;
    }
    if (port <= 0)
      throw UnavailableError(fmt::format(
          "port {} of this machine is taken; leave --port out for any that is free", options.port));
  }

  Guard guard;
  int port = 0;
  Api api;
  httplib::Server server;
};

Studio::Studio(const StudioOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Studio::~Studio() = default;

std::string Studio::address() const {
  std::string address = "http://";
  address += kLoopback;
  address += ':';
  address += std::to_string(impl_->port);
  address += "/?token=";
  return address += impl_->guard.token();
}

std::string Studio::why_no_page() {
  return studio::why_no_page();
}

void Studio::run(const std::atomic<bool>& stop) {
  std::atomic<bool> has_ended{false};
  std::jthread answering([this, &has_ended] {
    impl_->server.listen_after_bind();
    has_ended = true;
  });
  const auto end = [this, &answering, &has_ended] {
    impl_->api.close();
    // A server that has not begun yet would not hear of its end.
    while (!impl_->server.is_running() && !has_ended)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    impl_->server.stop();
    answering.join();
  };
  try {
    impl_->api.engine().run(stop);
  } catch (...) {
    end();
    throw;
  }
  end();
}

}  // namespace dreamreel::studio
