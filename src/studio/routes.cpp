#include "routes.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "api_error.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "json_of.h"
#include "media_files.h"
#include "networks.h"
#include "page.h"

namespace dreamreel::studio {
namespace {

constexpr std::size_t kMostBody = std::size_t{2} << 20;
constexpr std::size_t kMostDrained = std::size_t{64} << 20;
constexpr const char* kJson = "application/json";

void answer(httplib::Response& response, const nlohmann::json& json, int status = 200) {
  response.status = status;
  response.set_content(as_text(json), kJson);
}

void answer_with_error(httplib::Response& response, int status, const std::string& message) {
  answer(response, {{"error", message}}, status);
}

// What the modules below say about a person's input is a 422 with problems, as `check --json` has them.
void guarded(httplib::Response& response, const std::function<void()>& work) {
  try {
    work();
  } catch (const ApiError& error) {
    answer_with_error(response, error.status(), error.what());
  } catch (const Error& error) {
    auto report = json_of(error);
    report["error"] = error.what();
    answer(response, report, 422);
  } catch (const std::exception& error) {
    answer_with_error(response, 500, std::string("internal error: ") + error.what());
  }
}

// The server would take the rest of a body that nobody has read for the next request, and would keep all of
// it. So the connection ends after the answer.
void end_after(httplib::Response& response) {
  response.set_header("Connection", "close");
}

// A provider that fails makes the server end the connection.
void end_connection(httplib::Response& response) {
  response.set_content_provider(
      kJson, [text = std::exchange(response.body, {})](std::size_t, httplib::DataSink& sink) {
        sink.write(text.data(), text.size());
        return false;
      });
}

// What is refused is still read, up to a bound, so that the sender comes to read the answer.
void drain(const httplib::Request& request, httplib::Response& response,
           const httplib::ContentReader& reader) {
  std::size_t read = 0;
  const auto drop = [&](const char*, std::size_t count) { return (read += count) < kMostDrained; };
  const bool is_form = request.is_multipart_form_data();  // this reader cannot take the parts of a form
  if (is_form || !reader(drop)) end_after(response);
}

class Routes {
 public:
  Routes(httplib::Server& server, Api& api, const Guard& guard, const int& port, std::int64_t most_upload)
      : server_(server), api_(api), guard_(guard), port_(port), most_upload_(most_upload) {}

  void add() {
    refuse_unlisted();
    add_page();
    get("/api/studio", [this](const auto&) { return api_.studio(); });
    get("/api/schema", [](const auto&) { return nlohmann::json{{"keys", json_of_schema()}}; });
    get("/api/looks", [this](const auto&) { return api_.looks(); });
    get("/api/networks", [](const auto&) { return list_networks(); });
    get("/api/network",
        [this](const auto& request) { return api_.network(request.get_param_value("name")); });
    get("/api/files", [this](const auto&) { return api_.files(); });
    get("/api/job", [this](const auto& request) { return api_.read_job(request.get_param_value("file")); });
    get("/api/render",
        [this](const auto& request) { return api_.render_state(request.get_param_value("file")); });
    get("/api/farm", [this](const auto& request) { return api_.farm(request.get_param_value("file")); });
    post("/api/job", [this](const auto& body) { return api_.save_job(body); });
    post("/api/begin", [this](const auto& body) { return api_.begin(body); });
    post("/api/check", [this](const auto& body) { return api_.check(body); });
    post("/api/curves", [this](const auto& body) { return api_.curves(body); });
    post("/api/rendered", [this](const auto& body) { return api_.rendered(body); });
    post("/api/shots", [this](const auto& body) { return api_.shots(body); });
    post("/api/preview", [this](const auto& body) { return api_.preview(body); });
    post("/api/grid", [this](const auto& body) { return api_.grid(body); });
    post("/api/atlas", [this](const auto& body) { return api_.atlas(body); });
    post("/api/cancel", [this](const auto& body) { return api_.cancel(body); });
    post("/api/render", [this](const auto& body) { return api_.render(body); });
    post_for("/api/source", "image/jpeg", [this](const auto& body) { return api_.source(body); });
    post_for("/api/thumbnail", "image/jpeg", [this](const auto& body) { return api_.thumbnail(body); });
    post_for("/api/mask", "image/jpeg", [this](const auto& body) { return api_.mask(body); });
    post_for("/api/rendered_frame", "image/jpeg",
             [this](const auto& body) { return api_.rendered_frame(body); });
    post_for("/api/sound", "audio/wav", [this](const auto& body) { return api_.sound(body); });
    add_files();
    add_events();
    server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) answer_with_error(response, response.status, "no such address");
      if (response.has_header("Connection")) end_connection(response);
    });
  }

 private:
  // The server would read the body of any other request whole before it looks for the address.
  void refuse_unlisted() {
    server_.set_payload_max_length(std::max(kMostDrained, static_cast<std::size_t>(most_upload_)));
    server_.set_pre_routing_handler([this](const auto& request, auto& response) {
      const bool has_body =
          request.has_header("Transfer-Encoding") ||
          (request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0");
      const bool is_get = (request.method == "GET" || request.method == "HEAD") && !has_body;
      const bool is_post = request.method == "POST" && posts_.contains(request.path);
      if (is_get || is_post) return httplib::Server::HandlerResponse::Unhandled;
      answer_with_error(response, 404, "no such address for a request with a body");
      end_after(response);
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  // `pattern` is a path: nothing in it means anything to a regular expression.
  void add_post(const std::string& pattern, httplib::Server::HandlerWithContentReader handler) {
    posts_.insert(pattern);
    server_.Post(pattern, [this, handler = std::move(handler)](const auto& request, auto& response,
                                                               const auto& reader) {
      if (is_refused(request, response)) return drain(request, response, reader);
      handler(request, response, reader);
    });
  }

  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  bool is_refused(const httplib::Request& request, httplib::Response& response) const {
    const auto refusal = guard_.look_at(request, port_);
    if (refusal.status != 0) answer_with_error(response, refusal.status, refusal.why);
    return refusal.status != 0;
  }

  void add_get(const std::string& pattern, Handler handler) {
    server_.Get(pattern, [this, handler = std::move(handler)](const auto& request, auto& response) {
      if (!is_refused(request, response)) guarded(response, [&] { handler(request, response); });
    });
  }

  void get(const std::string& pattern, std::function<nlohmann::json(const httplib::Request&)> call) {
    add_get(pattern, [call = std::move(call)](const auto& request, auto& response) {
      answer(response, call(request));
    });
  }

  // Only what says that it is JSON: a form of another site's page cannot say so.
  static nlohmann::json body_of(const httplib::Request& request, httplib::Response& response,
                                const httplib::ContentReader& reader) {
    if (!request.get_header_value("Content-Type").starts_with(kJson)) {
      drain(request, response, reader);
      throw ApiError(415, std::string("expected Content-Type: ") + kJson);
    }
    std::string text;
    std::size_t size = 0;
    const bool is_whole = reader([&](const char* data, std::size_t count) {
      size += count;
      if (size <= kMostBody) text.append(data, count);
      return size <= kMostDrained;
    });
    if (!is_whole) end_after(response);
    if (size > kMostBody) throw ApiError(413, "expected at most 2 MiB");
    if (!is_whole) throw ApiError(400, "the request broke off");
    expect_small_json(text);
    auto body = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!body.is_object()) throw ApiError(400, "expected a JSON object");
    return body;
  }

  void with_body(const std::string& pattern,
                 std::function<void(const nlohmann::json&, httplib::Response&)> call) {
    add_post(pattern, [call = std::move(call)](const auto& request, auto& response, const auto& reader) {
      guarded(response, [&] { call(body_of(request, response, reader), response); });
    });
  }

  void post(const std::string& pattern, std::function<nlohmann::json(const nlohmann::json&)> call) {
    with_body(pattern,
              [call = std::move(call)](const auto& body, auto& response) { answer(response, call(body)); });
  }

  // The answer is no JSON but of another type.
  void post_for(const std::string& pattern, const char* type,
                std::function<std::string(const nlohmann::json&)> call) {
    with_body(pattern, [type, call = std::move(call)](const auto& body, auto& response) {
      response.set_content(call(body), type);
    });
  }

  // The token in the address becomes a cookie, and leaves the address bar.
  void add_page() {
    server_.set_default_headers(
        {{"X-Content-Type-Options", "nosniff"},
         {"Referrer-Policy", "no-referrer"},
         {"Cache-Control", "no-store"},
         {"Cross-Origin-Resource-Policy", "same-origin"},
         {"Content-Security-Policy",
          "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' "
          "'unsafe-inline'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action "
          "'none'"}});
    server_.Get("/", [this](const httplib::Request& request, httplib::Response& response) {
      const auto refusal = guard_.look_at_origin(request, port_);
      if (refusal.status != 0) return answer_with_error(response, refusal.status, refusal.why);
      if (guard_.is_token(request.get_param_value("token"))) {
        response.set_header("Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict",
                                                      guard_.cookie_name(port_), guard_.token()));
        return response.set_redirect("/");
      }
      if (!is_refused(request, response)) show_page(request, response);
    });
    const Handler show = [](const auto& request, auto& response) { show_page(request, response); };
    add_get("/studio.js", show);
    add_get("/studio.css", show);
  }

  static void show_page(const httplib::Request& request, httplib::Response& response) {
    if (const auto file = page_file(request.path))
      return response.set_content(file->content.data(), file->content.size(), file->type);
    response.status = 404;
    response.set_content(why_no_page() + "\n", "text/plain; charset=utf-8");
  }

  void add_files() {
    add_get(R"(/api/files/(.+))", [this](const auto& request, auto& response) {
      answer_with_file(api_.workspace().inside(request.matches[1]), request, response);
    });
    add_get(R"(/api/pictures/([0-9-]+))", [this](const auto& request, auto& response) {
      auto picture = api_.pictures().find(request.matches[1]);
      if (!picture) throw ApiError(404, "this picture has gone");
      response.set_content(*std::move(picture), "image/jpeg");
    });
    add_post("/api/files", [this](const auto& request, auto& response, const auto& reader) {
      guarded(response, [&] { answer(response, upload(request, response, reader)); });
    });
  }

  // `refuse` is called where there can be no such file.
  PendingFile begin_file(const std::string& name, const std::function<void()>& refuse) const {
    try {
      return PendingFile(api_.workspace().new_file(name));
    } catch (...) {
      refuse();
      throw;
    }
  }

  // Written aside, so that a file that is too large, or breaks off, leaves nothing.
  nlohmann::json upload(const httplib::Request& request, httplib::Response& response,
                        const httplib::ContentReader& reader) const {
    if (!request.get_header_value("Content-Type").starts_with("application/octet-stream")) {
      drain(request, response, reader);
      throw ApiError(415, "expected Content-Type: application/octet-stream");
    }
    const std::string name = request.get_param_value("name");
    PendingFile pending = begin_file(name, [&] { drain(request, response, reader); });
    std::ofstream out(pending.path(), std::ios::binary);
    std::int64_t size = 0;
    bool fits = true;
    const bool whole = reader([&](const char* data, std::size_t count) {
      size += static_cast<std::int64_t>(count);
      fits = size <= most_upload_;
      return fits && out.write(data, static_cast<std::streamsize>(count)).good();
    });
    out.close();
    if (!whole) end_after(response);
    if (!fits) throw ApiError(413, fmt::format("expected at most {} bytes", most_upload_));
    if (!whole || !out) throw ApiError(507, "the file could not be written whole");
    return {{"name", api_.workspace().name_of(api_.workspace().keep_new(pending.path(), name))}};
  }

  void add_events() {
    add_get("/api/events", [this](const auto&, auto& response) {
      const auto listener = api_.events().join();
      response.set_chunked_content_provider(
          "text/event-stream",
          [this, listener, is_first = true](std::size_t, httplib::DataSink& sink) mutable {
            constexpr auto kBreath =
                std::chrono::seconds(10);  // a page that has gone is noticed when it is written to
            // The first line tells the page that it hears everything from here on.
            const auto text =
                std::exchange(is_first, false) ? ": here\n\n" : api_.events().next(listener, kBreath);
            if (!text) return false;
            const std::string line = text->empty() ? ": alive\n\n" : *text;
            return sink.write(line.data(), line.size());
          },
          [this, listener](bool) { api_.events().leave(listener); });
    });
  }

  httplib::Server& server_;
  Api& api_;
  const Guard& guard_;
  const int& port_;
  const std::int64_t most_upload_;
  std::set<std::string> posts_;  // the addresses that take a body
};

}  // namespace

void add_routes(httplib::Server& server, Api& api, const Guard& guard, const int& port,
                std::int64_t most_upload_bytes) {
  const auto routes = std::make_shared<Routes>(server, api, guard, port, most_upload_bytes);
  routes->add();
  // The handlers refer to it, and live as long as the server.
  server.set_logger([routes](const auto&, const auto&) {});
}

}  // namespace dreamreel::studio
