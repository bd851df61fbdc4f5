#include "pictures_of.h"

#include <bit>
#include <cmath>
#include <map>

namespace dreamreel::test {
namespace {

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& content) {
  return big_endian(content.size(), 4) + type + content + big_endian(crc32(type + content), 4);
}

std::string s15(double value) {
  return big_endian(static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(value * 65536))), 4);
}

std::string xyz_tag(const std::array<double, 3>& xyz) {
  return "XYZ " + std::string(4, '\0') + s15(xyz[0]) + s15(xyz[1]) + s15(xyz[2]);
}

std::string curve_tag(double gamma) {
  return "curv" + std::string(4, '\0') + big_endian(1, 4) + big_endian(std::lround(gamma * 256), 2) +
         std::string(2, '\0');
}

std::string profile(const std::string& space,
                    const std::vector<std::pair<std::string, std::string>>& own_tags) {
  auto tags = own_tags;
  tags.emplace_back("wtpt", xyz_tag({0.9642, 1, 0.8249}));
  tags.emplace_back("cprt", "text" + std::string(4, '\0') + "none" + std::string(1, '\0'));
  tags.emplace_back("desc", "desc" + std::string(4, '\0') + big_endian(5, 4) + "test" + std::string(1, '\0') +
                                std::string(78, '\0'));
  const std::size_t begin = 128 + 4 + 12 * tags.size();
  std::string table, body;
  for (auto& [name, content] : tags) {
    content.resize((content.size() + 3) / 4 * 4);
    table += name + big_endian(begin + body.size(), 4) + big_endian(content.size(), 4);
    body += content;
  }
  return big_endian(begin + body.size(), 4) + "none" + big_endian(0x02400000, 4) + "mntr" + space + "XYZ " +
         std::string(12, '\0') + "acsp" + std::string(28, '\0') + s15(0.9642) + s15(1) + s15(0.8249) +
         std::string(48, '\0') + big_endian(tags.size(), 4) + table + body;
}

std::string float_bytes(float value) {
  return little_endian(std::bit_cast<std::uint32_t>(value), 4);
}

std::string exr_attribute(const std::string& name, const std::string& type, const std::string& value) {
  return name + '\0' + type + '\0' + little_endian(value.size(), 4) + value;
}

}  // namespace

std::string big_endian(std::uint64_t value, int count) {
  std::string bytes;
  for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string little_endian(std::uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string stored_zlib(const std::string& bytes) {
  std::uint32_t a = 1, b = 0;
  for (const unsigned char byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  std::string out("\x78\x01", 2);
  constexpr std::size_t kBlock = 65535;
  for (std::size_t at = 0; at == 0 || at < bytes.size(); at += kBlock) {
    const auto part = bytes.substr(at, kBlock);
    out += static_cast<char>(at + kBlock >= bytes.size() ? 1 : 0);
    out += little_endian(part.size(), 2) + little_endian(~part.size() & 0xFFFF, 2) + part;
  }
  return out + big_endian(std::uint64_t{b} << 16 | a, 4);
}

std::string png_of(int width, int height, std::array<int, 3> colour,
                   const std::vector<std::pair<std::string, std::string>>& chunks) {
  std::string row(1, '\0');
  for (int x = 0; x < width; ++x)
    for (const int value : colour) row += static_cast<char>(value);
  std::string rows;
  for (int y = 0; y < height; ++y) rows += row;
  std::string png("\x89PNG\r\n\x1a\n", 8);
  png +=
      chunk("IHDR", big_endian(static_cast<std::uint64_t>(width), 4) +
                        big_endian(static_cast<std::uint64_t>(height), 4) + std::string("\x08\x02\0\0\0", 5));
  for (const auto& [type, content] : chunks) png += chunk(type, content);
  return png + chunk("IDAT", stored_zlib(rows)) + chunk("IEND", "");
}

// The directory is written once more at the end of the file, in the order of its tags.
std::string tiff_with_tags(std::string tiff, const std::vector<std::pair<int, std::uint32_t>>& tags,
                           int type) {
  constexpr std::size_t kEntry = 12;
  const auto number = [&](std::size_t at, int count) {
    std::uint32_t value = 0;
    for (int i = count - 1; i >= 0; --i)
      value = value << 8 | static_cast<std::uint8_t>(tiff.at(at + static_cast<std::size_t>(i)));
    return value;
  };
  const std::size_t directory = number(4, 4);
  std::map<std::uint32_t, std::string> entries;
  for (std::size_t i = 0; i < number(directory, 2); ++i) {
    const std::size_t at = directory + 2 + kEntry * i;
    entries[number(at, 2)] = tiff.substr(at, kEntry);
  }
  for (const auto& [tag, value] : tags)
    entries[static_cast<std::uint32_t>(tag)] = little_endian(static_cast<std::uint64_t>(tag), 2) +
                                               little_endian(static_cast<std::uint64_t>(type), 2) +
                                               little_endian(1, 4) + little_endian(value, 4);
  if (tiff.size() % 2 != 0) tiff += '\0';
  tiff.replace(4, 4, little_endian(tiff.size(), 4));
  tiff += little_endian(entries.size(), 2);
  for (const auto& [tag, entry] : entries) tiff += entry;
  return tiff + std::string(4, '\0');
}

std::string exif_of(int orientation) {
  return std::string("MM\0\x2A", 4) + big_endian(8, 4) + big_endian(1, 2) + big_endian(0x0112, 2) +
         big_endian(3, 2) + big_endian(1, 4) + big_endian(static_cast<std::uint64_t>(orientation), 2) +
         std::string(6, '\0');
}

std::string rgb_profile(const std::array<std::array<double, 3>, 3>& xyz, double gamma) {
  return profile("RGB ", {{"rXYZ", xyz_tag(xyz[0])},
                          {"gXYZ", xyz_tag(xyz[1])},
                          {"bXYZ", xyz_tag(xyz[2])},
                          {"rTRC", curve_tag(gamma)},
                          {"gTRC", curve_tag(gamma)},
                          {"bTRC", curve_tag(gamma)}});
}

std::string srgb_profile() {
  std::string curve = "para" + std::string(4, '\0') + big_endian(3, 2) + std::string(2, '\0');
  for (const double value : {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}) curve += s15(value);
  return profile("RGB ", {{"rXYZ", xyz_tag({.43607, .22249, .01392})},
                          {"gXYZ", xyz_tag({.38515, .71687, .09708})},
                          {"bXYZ", xyz_tag({.14307, .06061, .71410})},
                          {"rTRC", curve},
                          {"gTRC", curve},
                          {"bTRC", curve}});
}

std::string grey_profile(double gamma) {
  return profile("GRAY", {{"kTRC", curve_tag(gamma)}});
}

std::string display_p3_profile() {
  return rgb_profile({{{.51512, .2412, -.00105}, {.29198, .69225, .04189}, {.1571, .06657, .78407}}}, 2.2);
}

std::string exr_of(int width, int height, std::array<float, 3> colour, const std::string& attributes) {
  std::string channels;
  for (const char name : std::string("BGR"))
    channels += std::string(1, name) + '\0' + little_endian(2, 4) + std::string(4, '\0') +
                little_endian(1, 4) + little_endian(1, 4);
  channels += '\0';
  const std::string box = std::string(8, '\0') + little_endian(static_cast<std::uint64_t>(width - 1), 4) +
                          little_endian(static_cast<std::uint64_t>(height - 1), 4);
  const std::string head =
      little_endian(20000630, 4) + little_endian(2, 4) + exr_attribute("channels", "chlist", channels) +
      exr_attribute("compression", "compression", std::string(1, '\0')) +
      exr_attribute("dataWindow", "box2i", box) + exr_attribute("displayWindow", "box2i", box) +
      exr_attribute("lineOrder", "lineOrder", std::string(1, '\0')) +
      exr_attribute("pixelAspectRatio", "float", float_bytes(1)) +
      exr_attribute("screenWindowCenter", "v2f", float_bytes(0) + float_bytes(0)) +
      exr_attribute("screenWindowWidth", "float", float_bytes(1)) + attributes + '\0';
  std::string table, rows;
  const auto begin = head.size() + 8 * static_cast<std::size_t>(height);
  for (int y = 0; y < height; ++y) {
    table += little_endian(begin + rows.size(), 8);
    rows += little_endian(static_cast<std::uint64_t>(y), 4) +
            little_endian(static_cast<std::uint64_t>(width) * 12, 4);
    for (const int channel : {2, 1, 0})
      for (int x = 0; x < width; ++x) rows += float_bytes(colour[static_cast<std::size_t>(channel)]);
  }
  return head + table + rows;
}

}  // namespace dreamreel::test
