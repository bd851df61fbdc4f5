// The pictures of a JPEG file, one after the other, by their markers alone (ITU-T T.81, Annex B). Nothing is
// decoded.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>

namespace dreamreel::media {

struct JpegPicture {
  int width = 0, height = 0, components = 0;
  bool lists_others = false;  ///< an MPF segment (CIPA DC-007): the pictures behind it belong to this photo
};

class JpegScanner {
 public:
  explicit JpegScanner(const std::filesystem::path& path) : in_(path, std::ios::binary) {}
  /// The next picture of the file. nullopt if there is none, or if it is torn before its first scan.
  std::optional<JpegPicture> next();

 private:
  int byte();
  int marker();
  bool read_segment(int marker, JpegPicture& picture);
  void pass_scans();

  std::ifstream in_;
  int pending_ = -1;  // a marker that ended a scan
};

/// Whether a file that begins as a JPEG is a moving picture: pictures of one size, one after the other.
/// Photos with a second picture in them (Ultra HDR, stereo pairs, MPO) are not.
bool is_motion_jpeg(const std::filesystem::path& path);

}  // namespace dreamreel::media
