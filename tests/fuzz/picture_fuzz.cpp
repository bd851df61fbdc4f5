// Headers of strangers' pictures (JPEG, PNG, TIFF, AVIF, EXR) and colour profiles, which are read before
// libav sees the picture.
#include <array>

#include "colour_profile.h"
#include "dreamreel/core/error.h"
#include "file_kind.h"
#include "picture_headers.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  static const fuzz::Scratch scratch;
  const auto file = scratch.write("picture", fuzz::text_of(data, size));
  const auto headers = media::read_picture_headers(file);
  media::kind_of_file(file);
  media::why_unreadable(file);
  try {
    media::refuse_camera_raw(file);
  } catch (const InputError&) {
  }
  std::string why;
  for (const std::span<const std::uint8_t> icc :
       {std::span(data, size), std::span(headers.icc.data(), headers.icc.size())})
    if (const auto conversion = media::ToSrgb::from_profile(icc, why)) conversion->is_identity();
  if (headers.chromaticities) media::ToSrgb::from_primaries(*headers.chromaticities, headers.gamma);
  return 0;
}
