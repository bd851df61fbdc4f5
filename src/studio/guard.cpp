#include "guard.h"

#include <fmt/core.h>
#include <sys/random.h>

#include <array>
#include <cstdio>

#include "dreamreel/core/error.h"

namespace dreamreel::studio {
namespace {

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw UnavailableError("the kernel gives no random numbers for the studio's token");
  std::string text;
  for (const unsigned byte : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    text += digits.data();
  }
  return text;
}

// The value of one cookie in a header such as "a=1; b=2"; "" if it has no such cookie.
std::string cookie_of(const std::string& header, const std::string& name) {
  std::size_t at = 0;
  while (at < header.size()) {
    auto end = header.find(';', at);
    if (end == std::string::npos) end = header.size();
    while (at < end && header[at] == ' ') ++at;
    if (header.compare(at, name.size() + 1, name + "=") == 0)
      return header.substr(at + name.size() + 1, end - at - name.size() - 1);
    at = end + 1;
  }
  return "";
}

// Whether a Host header names this machine. Other names do not count, even if they lead here: the owner of
// another site may have pointed its name at this machine.
bool is_own_host(const std::string& host, int port) {
  const std::string suffix = fmt::format(":{}", port);
  return host == "127.0.0.1" + suffix || host == "localhost" + suffix;
}

}  // namespace

Guard::Guard() : token_(random_token()) {}

std::string Guard::cookie_name(int port) const {
  return fmt::format("dreamreel_studio_{}", port);
}

// Takes the same time for every wrong token of one length.
bool Guard::is_token(const std::string& text) const {
  if (text.size() != token_.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    difference |= static_cast<unsigned char>(text[i]) ^ static_cast<unsigned char>(token_[i]);
  return difference == 0;
}

Guard::Refusal Guard::look_at_origin(const httplib::Request& request, int port) const {
  if (request.get_header_value_count("Host") != 1 || !is_own_host(request.get_header_value("Host"), port))
    return {421, "expected the Host that the studio was started with"};
  const std::string own = "http://" + request.get_header_value("Host");
  if (request.has_header("Origin") && request.get_header_value("Origin") != own)
    return {403, "another site's page may not ask the studio"};
  // Browsers send no Origin with some requests, for example for pictures. They send this header with all of
  // them.
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return {403, "another site's page may not ask the studio"};
  return {};
}

Guard::Refusal Guard::look_at(const httplib::Request& request, int port) const {
  if (const Refusal refusal = look_at_origin(request, port); refusal.status != 0) return refusal;
  const std::string header = request.get_header_value("Authorization");
  const std::string bearer = "Bearer ";
  if (header.starts_with(bearer) && is_token(header.substr(bearer.size()))) return {};
  if (is_token(cookie_of(request.get_header_value("Cookie"), cookie_name(port)))) return {};
  return {401, "expected the token: open the address that `dreamreel studio` prints"};
}

}  // namespace dreamreel::studio
