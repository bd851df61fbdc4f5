#include "avif_boxes.h"

#include <array>
#include <optional>
#include <string_view>

#include "file_bytes.h"

namespace dreamreel::media {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kMostMeta = 32 << 20;
constexpr int kMostBoxes = 10'000;

struct Box {
  std::string_view type;
  Bytes content;
};

// The boxes in a row in `bytes`.
std::vector<Box> boxes_in(Bytes bytes) {
  std::vector<Box> boxes;
  for (std::uint64_t at = 0; at + 8 <= bytes.size() && boxes.size() < kMostBoxes;) {
    std::uint64_t size = number_at(bytes, at, 4), head = 8;
    if (size == 1) {
      size = number_at(bytes, at + 8, 8);
      head = 16;
    }
    if (size == 0) size = bytes.size() - at;
    if (size < head || size > bytes.size() - at) break;
    boxes.push_back(
        {{reinterpret_cast<const char*>(bytes.data()) + at + 4, 4}, part_of(bytes, at + head, size - head)});
    at += size;
  }
  return boxes;
}

Bytes box_in(Bytes bytes, std::string_view type) {
  for (const Box& box : boxes_in(bytes))
    if (box.type == type) return box.content;
  return {};
}

// The file's meta box, without its four bytes of version and flags.
std::vector<std::uint8_t> read_meta(const std::filesystem::path& path) {
  std::uint64_t at = 0;
  for (int i = 0; i < kMostBoxes; ++i) {
    const auto head = bytes_of_file(path, at, 16);
    if (head.size() < 8) break;
    std::uint64_t size = number_at(head, 0, 4), begin = 8;
    if (size == 1) {
      size = number_at(head, 8, 8);
      begin = 16;
    }
    if (has_text(head, 4, "meta"sv))
      return bytes_of_file(path, at + begin + 4,
                           size > begin + 4 ? std::min(size - begin - 4, kMostMeta) : kMostMeta);
    if (size < begin) break;
    at += size;
  }
  return {};
}

std::uint64_t primary_item(Bytes meta) {
  const Bytes pitm = box_in(meta, "pitm"sv);
  return number_at(pitm, 4, number_at(pitm, 0, 1) == 0 ? 2 : 4);
}

// Numbers, from 1, of the properties that belong to an item, in the order in which they apply.
std::vector<std::uint64_t> properties_of(Bytes ipma, std::uint64_t item) {
  const bool wide_item = number_at(ipma, 0, 1) > 0;
  const bool wide_index = (number_at(ipma, 3, 1) & 1U) != 0;
  const std::size_t item_bytes = wide_item ? 4 : 2, index_bytes = wide_index ? 2 : 1;
  const std::uint64_t index_mask = wide_index ? 0x7FFF : 0x7F;
  const std::uint64_t entries = number_at(ipma, 4, 4);
  std::uint64_t at = 8;
  for (std::uint64_t i = 0; i < entries && at < ipma.size(); ++i) {
    const bool found = number_at(ipma, at, item_bytes) == item;
    const std::uint64_t count = number_at(ipma, at + item_bytes, 1);
    at += item_bytes + 1;
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t k = 0; k < count; ++k, at += index_bytes)
      numbers.push_back(number_at(ipma, at, index_bytes) & index_mask);
    if (found) return numbers;
  }
  return {};
}

void take_property(const Box& property, AvifProperties& properties) {
  if (property.content.empty()) return;
  if (property.type == "irot"sv) properties.quarter_turns = property.content[0] & 3;
  if (property.type == "imir"sv) properties.mirror = property.content[0] & 1;
  if (property.type == "colr"sv &&
      (has_text(property.content, 0, "prof"sv) || has_text(property.content, 0, "rICC"sv)))
    properties.icc.assign(property.content.begin() + 4, property.content.end());
}

}  // namespace

AvifProperties read_avif_properties(const std::filesystem::path& path) {
  AvifProperties properties;
  const auto meta = read_meta(path);
  const Bytes iprp = box_in(meta, "iprp"sv);
  const auto all = boxes_in(box_in(iprp, "ipco"sv));
  for (const std::uint64_t number : properties_of(box_in(iprp, "ipma"sv), primary_item(meta)))
    if (number >= 1 && number <= all.size())
      take_property(all[static_cast<std::size_t>(number - 1)], properties);
  return properties;
}

std::string upright_filters_of(const AvifProperties& properties) {
  static const std::array<std::string, 4> kTurns{"", "transpose=cclock", "hflip,vflip", "transpose=clock"};
  std::string filters = kTurns[static_cast<std::size_t>(properties.quarter_turns)];
  if (properties.mirror >= 0)
    filters += (filters.empty() ? "" : ",") + std::string(properties.mirror == 0 ? "vflip" : "hflip");
  return filters;
}

}  // namespace dreamreel::media
