// Runs a child process and reads its standard output line by line.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace dreamreel::farm {

class Child {
 public:
  /// Starts the process; it shares our standard error. Throws RenderError.
  explicit Child(const std::vector<std::string>& command);
  ~Child();  ///< kills it if it still runs
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;

  int output() const { return output_; }  ///< file descriptor; reading it does not block
  /// Reads the lines that have come since the last call. False once the output has ended.
  bool read(std::vector<std::string>& lines);
  void signal(int number) const;
  /// Waits for the end of the process. Returns its exit code, or 128 + the signal that killed it.
  int wait();

 private:
  pid_t pid_ = 0;
  int output_ = -1;
  std::string rest_;
};

}  // namespace dreamreel::farm
