#include "dreamreel/work/deliveries.h"

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <system_error>

#include "delivery_note.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/plain_file.h"

namespace dreamreel::work {
namespace {

namespace fs = std::filesystem;

// The note about `file` as it is now; nullopt if it is no file.
std::optional<std::string> note_about(const fs::path& file, const std::string& key) {
  std::error_code failed;
  const std::uintmax_t bytes = fs::file_size(file, failed);
  if (failed) return {};
  const auto time = fs::last_write_time(file, failed).time_since_epoch().count();
  if (failed) return {};
  return fmt::format("{}key {}\nbytes {}\ntime {}\n", kDeliveryOpening, key, bytes, time);
}

}  // namespace

void note_delivery(const WorkFolder& work, const fs::path& output, const fs::path& file,
                   const std::string& key) {
  // If somebody has taken the file away, it will be made again.
  if (const auto note = note_about(file, key)) write_file_atomically(work.delivery(output), *note);
}

bool is_delivered(const WorkFolder& work, const fs::path& output, const fs::path& file,
                  const std::string& key) {
  constexpr std::size_t kMostBytes = std::size_t{4} << 10;
  const auto note = note_about(file, key);
  return note && read_beginning(work.delivery(output), kMostBytes).text == note;
}

}  // namespace dreamreel::work
