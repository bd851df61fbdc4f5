// The studio: a server on this machine alone, for a page in the browser where one sees, changes and renders
// a job. docs/studio.md describes the page and the API.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace dreamreel::studio {

struct StudioOptions {
  /// The folder that the studio works in. It reads and writes no file outside, but for those that a job
  /// extends, a look or a network.
  std::filesystem::path folder;
  std::filesystem::path opened;   ///< a job, clip, photo or song in the folder; "" for none
  std::filesystem::path program;  ///< `dreamreel`, which renders
  int port = 0;                   ///< 0: any that is free
  std::int64_t most_upload_bytes = std::int64_t{8} << 30;
};

class Studio {
 public:
  /// Listens on 127.0.0.1. Throws InputError where the folder cannot be read, UnavailableError where the
  /// port is taken.
  explicit Studio(const StudioOptions& options);
  ~Studio();
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  /// Where the page is, with the token that lets a browser in: "http://127.0.0.1:41234/?token=...".
  std::string address() const;
  /// "" where the program was built with the page, else how to get it.
  static std::string why_no_page();

  /// Answers requests until `stop` is set. The calling thread dreams the previews; renders are other
  /// processes, and go on when this returns.
  void run(const std::atomic<bool>& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::studio
