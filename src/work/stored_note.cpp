#include "dreamreel/work/stored_note.h"

#include <charconv>

namespace dreamreel::work {
namespace {

constexpr char kDrawing = ';';

}  // namespace

std::string with_drawing(const std::string& note, std::int64_t drawn) {
  return note + kDrawing + std::to_string(drawn);
}

std::optional<std::int64_t> drawing_in(const std::string& note) {
  const auto at = note.find(kDrawing);
  if (at == std::string::npos) return {};
  std::int64_t drawn = 0;
  const char* const end = note.data() + note.size();
  const auto [rest, error] = std::from_chars(note.data() + at + 1, end, drawn);
  if (error != std::errc{} || rest != end) return {};
  return drawn;
}

std::string without_drawing(const std::string& note) {
  return note.substr(0, note.find(kDrawing));
}

}  // namespace dreamreel::work
