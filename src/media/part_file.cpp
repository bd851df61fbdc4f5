#include "part_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "bounds.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "nearly.h"

namespace dreamreel::media {
namespace {

constexpr std::string_view kPartMagic = "dreamreel part 1\n";
constexpr std::size_t kHashDigits = 64;  // digits of a SHA-256
constexpr std::size_t kMostPacketBytes = std::numeric_limits<int>::max() - AV_INPUT_BUFFER_PADDING_SIZE;
constexpr char kPacket = 'P', kPicture = 'I', kEnd = 'E';

// Packs the fields of a block, in order.
class Packer {
 public:
  Packer& number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xFF);
    return *this;
  }
  Packer& text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_ += value;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  std::int64_t number() {
    std::uint64_t bits = 0;
    const std::string_view bytes = take(8);
    for (int i = 7; i >= 0; --i)
      bits = bits << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    return static_cast<std::int64_t>(bits);
  }
  std::string_view text() { return take(static_cast<std::uint64_t>(number())); }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) throw DataError("a block breaks off");
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
};

std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::string pack(const PartHeading& heading) {
  return Packer()
      .text(heading.label)
      .number(static_cast<std::int64_t>(heading.kind))
      .text(heading.settings)
      .number(heading.time_base.num)
      .number(heading.time_base.den)
      .text(view(heading.extradata.data(), heading.extradata.size()))
      .number(heading.matrix)
      .number(heading.range)
      .bytes();
}

int positive_int(std::int64_t value) {
  if (value < 1 || value > std::numeric_limits<int>::max()) throw DataError("a time base out of range");
  return static_cast<int>(value);
}

int number_below(int limit, std::int64_t value) {
  if (value < 0 || value >= limit) throw DataError("a tag of colours out of range");
  return static_cast<int>(value);
}

PartHeading unpack_heading(std::string_view bytes) {
  Unpacker fields(bytes);
  PartHeading heading;
  heading.label = fields.text();
  const std::int64_t kind = fields.number();
  if (kind < 0 || kind > 2) throw DataError("an unknown kind of part");
  heading.kind = static_cast<PartHeading::Kind>(kind);
  heading.settings = fields.text();
  heading.time_base = {positive_int(fields.number()), positive_int(fields.number())};
  const auto extradata = fields.text();
  heading.extradata.assign(extradata.begin(), extradata.end());
  if (fields.at_end()) return heading;
  heading.matrix = static_cast<AVColorSpace>(number_below(AVCOL_SPC_NB, fields.number()));
  heading.range = static_cast<AVColorRange>(number_below(AVCOL_RANGE_NB, fields.number()));
  return heading;
}

std::string pack(const AVPacket& packet) {
  Packer fields;
  fields.number(packet.pts).number(packet.dts).number(packet.duration).number(packet.flags);
  fields.number(packet.side_data_elems);
  for (int i = 0; i < packet.side_data_elems; ++i) {
    const AVPacketSideData& data = packet.side_data[i];
    fields.number(data.type).text(view(data.data, data.size));
  }
  fields.text(view(packet.data, static_cast<std::size_t>(packet.size)));
  return fields.bytes();
}

void unpack(std::string_view bytes, AVPacket& packet) {
  Unpacker fields(bytes);
  av_packet_unref(&packet);
  packet.pts = fields.number();
  packet.dts = fields.number();
  packet.duration = fields.number();
  packet.flags = static_cast<int>(fields.number());
  for (std::int64_t i = fields.number(); i > 0; --i) {
    const auto type = static_cast<AVPacketSideDataType>(fields.number());
    const auto content = fields.text();
    std::uint8_t* data = av_packet_new_side_data(&packet, type, content.size());
    if (data == nullptr) throw DataError("side data that no packet can have");
    std::memcpy(data, content.data(), content.size());
  }
  const auto content = fields.text();
  if (content.size() > kMostPacketBytes || av_grow_packet(&packet, static_cast<int>(content.size())) < 0)
    throw DataError("a packet that is too large");
  std::memcpy(packet.data, content.data(), content.size());
}

}  // namespace

CodecPtr part_decoder(const PartHeading& heading, const AVCodec& decoder) {
  CodecPtr codec(avcodec_alloc_context3(&decoder));
  if (!codec) throw std::bad_alloc();
  codec->pkt_timebase = heading.time_base;
  codec->max_pixels = kMostStoredPixels;
  codec->extradata =
      static_cast<std::uint8_t*>(av_mallocz(heading.extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (codec->extradata == nullptr) throw std::bad_alloc();
  std::ranges::copy(heading.extradata, codec->extradata);
  codec->extradata_size = static_cast<int>(heading.extradata.size());
  return codec;
}

PartFileWriter::PartFileWriter(const std::filesystem::path& path, const PartHeading& heading)
    : pending_(path) {
  errno = 0;
  out_.open(pending_.path(), std::ios::binary | std::ios::trunc);
  expect_written();
  put(kPartMagic);
  put_block(pack(heading));
}

void PartFileWriter::expect_written() const {
  if (!out_)
    throw IoError(fmt::format("cannot write {}: {}", pending_.final_path().string(),
                              std::strerror(errno == 0 ? EIO : errno)));
}

void PartFileWriter::put(std::string_view bytes) {
  hash_.update(bytes);
  put_unhashed(bytes);
}

void PartFileWriter::put_unhashed(std::string_view bytes) {
  errno = 0;
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  expect_written();
}

void PartFileWriter::put_block(std::string_view bytes) {
  put(Packer().text(bytes).bytes());
}

void PartFileWriter::add(const AVPacket& packet) {
  put({&kPacket, 1});
  put_block(pack(packet));
}

void PartFileWriter::add(const PartPicture& picture) {
  put({&kPicture, 1});
  put_block(Packer().text(picture.name).text(picture.sha256).bytes());
}

void PartFileWriter::finish(const PartEnding& ending) {
  put({&kEnd, 1});
  put_block(Packer().number(ending.frames).number(std::bit_cast<std::int64_t>(ending.end_seconds)).bytes());
  put_unhashed(hash_.hex());
  errno = 0;
  out_.close();
  expect_written();
  pending_.commit();
}

PartFileReader::PartFileReader(const std::filesystem::path& path) : name_(path.string()) {
  std::error_code error;
  if (why_not_a_file(path).empty()) in_.open(path, std::ios::binary);  // opening a pipe would wait
  left_ = std::filesystem::file_size(path, error);
  if (!in_.is_open() || error)
    throw InputError(fmt::format("the part {} is missing or cannot be read", name_));
  if (read(std::min<std::size_t>(kPartMagic.size(), left_)) != kPartMagic) fail();
  try {
    heading_ = unpack_heading(read_block());
  } catch (const DataError&) {
    fail();
  }
}

void PartFileReader::fail() const {
  throw DataError(
      fmt::format("the part {} is damaged or no part of a render; remove it and render it again", name_));
}

std::string PartFileReader::read(std::size_t count) {
  if (count > left_) fail();
  std::string bytes(count, '\0');
  in_.read(bytes.data(), static_cast<std::streamsize>(count));
  if (!in_) fail();
  left_ -= count;
  return bytes;
}

std::string PartFileReader::read_block() {
  const std::string length = read(8);
  const std::int64_t count = Unpacker(length).number();
  if (count < 0) fail();
  return read(static_cast<std::size_t>(count));
}

// Reads the next record, which must have `letter`. None if the ending comes instead; the ending is read then.
std::optional<std::string> PartFileReader::next_record(char letter) {
  const char found = read(1).front();
  if (found == letter) return read_block();
  if (found != kEnd) fail();
  const std::string block = read_block();
  try {
    Unpacker fields(block);
    ending_.frames = fields.number();
    ending_.end_seconds = std::bit_cast<double>(fields.number());
  } catch (const DataError&) {
    fail();
  }
  if (ending_.frames < 0 || !std::isfinite(ending_.end_seconds)) fail();
  return {};
}

bool PartFileReader::next(AVPacket& packet) {
  const auto record = next_record(kPacket);
  try {
    if (record) unpack(*record, packet);
  } catch (const DataError&) {
    fail();
  }
  return record.has_value();
}

std::optional<PartPicture> PartFileReader::next_picture() {
  const auto record = next_record(kPicture);
  if (!record) return {};
  try {
    Unpacker fields(*record);
    PartPicture picture;
    picture.name = fields.text();
    picture.sha256 = fields.text();
    if (picture.name.find('/') != std::string::npos) throw DataError("a picture in another folder");
    return picture;
  } catch (const DataError&) {
    fail();
  }
}

bool PartFileReader::is_part(const std::filesystem::path& path) {
  const auto start = read_beginning(path, kPartMagic.size()).text;
  return start && (is_nearly(*start, kPartMagic) || start->find_first_not_of('\0') == std::string::npos);
}

void PartFileReader::verify(const std::filesystem::path& path) {
  PartFileReader file(path);
  const std::uint64_t size = std::filesystem::file_size(path);
  file.in_.seekg(0);
  file.left_ = size;
  if (size < kHashDigits) file.fail();
  Sha256 hash;
  constexpr std::size_t kChunk = 1 << 20;
  for (std::uint64_t left = size - kHashDigits; left > 0;) {
    const std::string bytes = file.read(static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunk)));
    hash.update(bytes);
    left -= bytes.size();
  }
  if (hash.hex() != file.read(kHashDigits)) file.fail();
}

}  // namespace dreamreel::media
