#include "exr_header.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>

namespace dreamreel::media {
namespace {

using Buffer = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

constexpr std::array<std::uint8_t, 4> kExrMagic{0x76, 0x2f, 0x31, 0x01};
constexpr std::size_t kBehindVersion = 8;
constexpr std::uint8_t kNotScanLines = 0x1A;  // in the second byte of the version: tiles, deep data, parts

std::uint64_t little_endian(View bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

void append_number(Buffer& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_name(Buffer& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.push_back(0);
}

struct Attribute {
  std::string_view name;
  View value;
};

// Goes through the attributes of a header. Stops at its end, or where the file breaks off.
class Attributes {
 public:
  explicit Attributes(View picture) : picture_(picture) {}

  std::optional<Attribute> next() {
    const auto name = text();
    if (!name || name->empty()) return {};
    if (!text() || picture_.size() - at_ < 4) return {};
    const auto size = static_cast<std::size_t>(little_endian(picture_, at_, 4));
    at_ += 4;
    if (size > picture_.size() - at_) return {};
    const Attribute attribute{*name, picture_.subspan(at_, size)};
    at_ += size;
    is_whole_ = at_ < picture_.size() && picture_[at_] == 0;
    return attribute;
  }

  // The place of the empty name; valid after the last attribute.
  std::optional<std::size_t> end() const { return is_whole_ ? std::optional(at_) : std::nullopt; }

 private:
  std::optional<std::string_view> text() {
    const auto rest = picture_.subspan(at_);
    const auto end = std::ranges::find(rest, std::uint8_t{0});
    if (end == rest.end()) return {};
    const auto length = static_cast<std::size_t>(end - rest.begin());
    if (length == 0) return std::string_view();
    at_ += length + 1;
    return std::string_view(reinterpret_cast<const char*>(rest.data()), length);
  }

  View picture_;
  std::size_t at_ = kBehindVersion;
  bool is_whole_ = false;
};

// The place of the header's end, if the offsets of all lines follow it.
std::optional<std::size_t> end_of_header(View picture, std::string_view unwanted) {
  if (!is_exr(picture) || (picture[5] & kNotScanLines) != 0) return {};
  Attributes attributes(picture);
  while (const auto attribute = attributes.next())
    if (attribute->name == unwanted) return {};
  const auto end = attributes.end();
  if (!end || picture.size() - *end < 9) return {};
  const auto first_line = little_endian(picture, *end + 1, 8);
  const bool is_sound =
      first_line > *end + 1 && first_line <= picture.size() && (first_line - *end - 1) % 8 == 0;
  return is_sound ? end : std::nullopt;
}

Buffer attribute_of(std::string_view name, std::string_view type, View value) {
  Buffer attribute;
  append_name(attribute, name);
  append_name(attribute, type);
  append_number(attribute, value.size(), 4);
  attribute.insert(attribute.end(), value.begin(), value.end());
  return attribute;
}

// Puts more attributes at the end of the header. `name` is the name of the first one. If the header has an
// attribute of this name already, nothing changes.
Buffer with_attributes(View picture, std::string_view name, const Buffer& attributes) {
  Buffer result(picture.begin(), picture.end());
  const auto end = end_of_header(picture, name);
  if (!end) return result;
  const std::size_t table = *end + 1, behind = static_cast<std::size_t>(little_endian(picture, table, 8));
  for (std::size_t at = table; at < behind; at += 8) {
    const auto moved = little_endian(picture, at, 8) + attributes.size();
    for (std::size_t i = 0; i < 8; ++i) result[at + i] = static_cast<std::uint8_t>(moved >> (8 * i));
  }
  result.insert(result.begin() + static_cast<std::ptrdiff_t>(*end), attributes.begin(), attributes.end());
  return result;
}

// "note", "note.2", "note.3".
std::string name_of_piece(std::string_view name, int piece) {
  return std::string(name) + (piece == 1 ? "" : fmt::format(".{}", piece));
}

}  // namespace

bool is_exr(View picture) {
  return picture.size() > kBehindVersion && std::equal(kExrMagic.begin(), kExrMagic.end(), picture.begin());
}

Buffer with_exr_text(View picture, std::string_view name, const std::string& text) {
  // FFmpeg 5.1 takes the rest of a longer text for further attributes, and then shows a wrong picture.
  constexpr std::size_t kMostBytes = 250;
  Buffer attributes;
  std::string_view rest = text;
  for (int piece = 1; !rest.empty(); ++piece) {
    std::size_t length = std::min(rest.size(), kMostBytes);
    if (const auto line = rest.substr(0, length).rfind('\n');
        length < rest.size() && line != std::string_view::npos)
      length = line + 1;
    const Buffer value(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
    const Buffer attribute = attribute_of(name_of_piece(name, piece), "string", value);
    attributes.insert(attributes.end(), attribute.begin(), attribute.end());
    rest.remove_prefix(length);
  }
  return with_attributes(picture, name, attributes);
}

std::optional<std::string> exr_text(View picture, std::string_view name) {
  if (!is_exr(picture)) return {};
  std::optional<std::string> text;
  Attributes attributes(picture);
  int piece = 1;
  while (const auto attribute = attributes.next()) {
    if (attribute->name != name_of_piece(name, piece)) continue;
    if (!text) text.emplace();
    text->append(attribute->value.begin(), attribute->value.end());
    ++piece;
  }
  return text;
}

Buffer with_exr_primaries(View picture, const Chromaticities& primaries) {
  Buffer value;
  for (const double number : primaries)
    append_number(value, std::bit_cast<std::uint32_t>(static_cast<float>(number)), 4);
  return with_attributes(picture, "chromaticities", attribute_of("chromaticities", "chromaticities", value));
}

std::optional<View> exr_attribute(View picture, std::string_view name) {
  if (!is_exr(picture)) return {};
  Attributes attributes(picture);
  while (const auto attribute = attributes.next())
    if (attribute->name == name) return attribute->value;
  return {};
}

}  // namespace dreamreel::media
