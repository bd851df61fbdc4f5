// Scratch folders and child processes for tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::test {

/// A new folder below the system's temporary folder. The destructor removes it with everything in it.
class ScratchDir {
 public:
  ScratchDir();
  ~ScratchDir();
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct ProcessResult {
  int exit_code = -1;    ///< 128 + signal number when a signal ended it
  std::string out, err;  ///< everything that the process printed
};

/// Runs argv[0], found in PATH, without a shell, and waits for its end. Throws std::runtime_error if it
/// cannot be started.
ProcessResult run_process(const std::vector<std::string>& argv);

/// Runs ffmpeg quietly with `args`; it overwrites outputs. Throws std::runtime_error with ffmpeg's stderr if
/// it fails.
void ffmpeg(const std::vector<std::string>& args);

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace dreamreel::test
