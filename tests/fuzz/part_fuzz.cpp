// A part of a segment, from a stranger's work folder.
#include "dreamreel/core/error.h"
#include "part_file.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  static const fuzz::Scratch scratch;
  const auto path = scratch.write("000000.seg", fuzz::text_of(data, size));
  try {
    media::PartFileReader part(path);
    if (part.heading().kind == media::PartHeading::Kind::pictures) {
      while (part.next_picture()) {
      }
    } else {
      const auto packet = media::new_packet();
      while (part.next(*packet)) {
      }
    }
    media::PartFileReader::verify(path);
  } catch (const InputError&) {
  } catch (const DataError&) {
  }
  return 0;
}
