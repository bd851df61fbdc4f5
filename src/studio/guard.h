// Who may ask the studio for anything: a page or a script on this machine that knows the token, and no page
// of another site that the same browser shows.
#pragma once

#include <httplib.h>

#include <string>

namespace dreamreel::studio {

class Guard {
 public:
  /// Makes a token of 128 random bits.
  Guard();

  const std::string& token() const { return token_; }
  /// Cookies know no ports, so each server's has its own name.
  std::string cookie_name(int port) const;

  /// Why a request is refused; 0 where it is not. Host and Origin come first, so that a foreign page learns
  /// nothing.
  struct Refusal {
    int status = 0;
    const char* why = "";
  };
  Refusal look_at(const httplib::Request& request, int port) const;
  /// Host and Origin alone: what the address with the token is asked for with.
  Refusal look_at_origin(const httplib::Request& request, int port) const;
  bool is_token(const std::string& text) const;

 private:
  std::string token_;
};

}  // namespace dreamreel::studio
