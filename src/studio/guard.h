// Decides which requests the studio answers: those of a page or a script on this machine that knows the
// token. Pages of other sites in the same browser are refused.
#pragma once

#include <httplib.h>

#include <string>

namespace dreamreel::studio {

class Guard {
 public:
  /// Makes a token of 128 random bits.
  Guard();

  const std::string& token() const { return token_; }
  /// Browsers send a cookie to every port of a machine, so each studio's cookie needs a name of its own.
  std::string cookie_name(int port) const;

  /// Why a request is refused; 0 where it is not. Host and Origin come first, so that a foreign page learns
  /// nothing.
  struct Refusal {
    int status = 0;
    const char* why = "";
  };
  Refusal look_at(const httplib::Request& request, int port) const;
  /// Checks Host and Origin alone. Used for the address that contains the token, before there is a cookie.
  Refusal look_at_origin(const httplib::Request& request, int port) const;
  bool is_token(const std::string& text) const;

 private:
  std::string token_;
};

}  // namespace dreamreel::studio
