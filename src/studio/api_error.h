// A request that cannot be answered, with the status of HTTP that says why.
#pragma once

#include <stdexcept>
#include <string>

namespace dreamreel::studio {

class ApiError : public std::runtime_error {
 public:
  ApiError(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

}  // namespace dreamreel::studio
