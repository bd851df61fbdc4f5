// The file with the encoded packets of one segment. It keeps everything that a container would lose: exact
// times in the encoder's own unit, side data and the encoder's extra data. A checksum over everything finds a
// truncated or flipped file before parts are joined.
//
// Layout, with little-endian numbers: the line "dreamreel part 1\n"; a block with the heading; for each
// packet or picture, a letter and a block; the letter 'E' and a block with the ending; SHA-256 of everything
// before it, in 64 digits. A block is its length in 8 bytes, and that many bytes.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/digest.h"
#include "libav.h"

namespace dreamreel::media {

struct PartHeading {
  enum class Kind : std::uint8_t {
    packets = 0,   ///< packets of the output's own codec, to be muxed unchanged
    lossless = 1,  ///< packets of FFV1, for codecs whose streams cannot be joined
    pictures = 2,  ///< names and checksums of pictures that have their final names already
  };
  std::string label;  ///< which plan and which frames
  Kind kind = Kind::packets;
  std::string settings;  ///< settings that must be equal in all joined parts: codec, size, format
  AVRational time_base{1, 1};
  std::vector<std::uint8_t> extradata;
  // For a look at one part: not every codec's packets carry them. Parts of older versions lack them.
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
};

/// A decoder for the packets of a part, not yet opened. The caller sets its size, and the pixel format where
/// the packets do not tell it.
CodecPtr part_decoder(const PartHeading& heading, const AVCodec& decoder);

struct PartPicture {
  std::string name;  ///< without the folder
  std::string sha256;
};

struct PartEnding {
  std::int64_t frames = 0;
  double end_seconds = 0;  ///< end of the last frame, in the output's time
};

class PartFileWriter {
 public:
  PartFileWriter(const std::filesystem::path& path, const PartHeading& heading);
  void add(const AVPacket& packet);
  void add(const PartPicture& picture);
  /// Writes the checksum, syncs and renames.
  void finish(const PartEnding& ending);

 private:
  void put(std::string_view bytes);
  void put_unhashed(std::string_view bytes);
  void expect_written() const;  // throws IoError
  void put_block(std::string_view bytes);

  PendingFile pending_;
  std::ofstream out_;
  Sha256 hash_;
};

/// Reads a part in order. Reading does not check the checksum, so verify() must be called first.
class PartFileReader {
 public:
  /// Throws InputError if the file cannot be opened, DataError if it is not a part.
  explicit PartFileReader(const std::filesystem::path& path);

  /// Whether a file begins as a part does, or is empty.
  static bool is_part(const std::filesystem::path& path);
  /// Reads the whole file and compares its checksum; throws DataError.
  static void verify(const std::filesystem::path& path);

  const PartHeading& heading() const { return heading_; }
  /// Fills `packet` with the next one; false at the end. DataError if the file breaks off.
  bool next(AVPacket& packet);
  std::optional<PartPicture> next_picture();
  /// The ending; valid after the last packet or picture.
  const PartEnding& ending() const { return ending_; }

 private:
  std::string read(std::size_t count);
  std::string read_block();
  std::optional<std::string> next_record(char letter);
  [[noreturn]] void fail() const;

  std::string name_;
  std::ifstream in_;
  std::uint64_t left_ = 0;  ///< bytes of the file not yet read
  PartHeading heading_;
  PartEnding ending_;
};

}  // namespace dreamreel::media
