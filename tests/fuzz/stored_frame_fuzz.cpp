// A stored frame, from a stranger's work folder.
#include "dreamreel/media/frame_store.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  static const fuzz::Scratch scratch;
  const auto frame = media::load_frame(scratch.write("000000.png", fuzz::text_of(data, size)), "label");
  if (frame && frame->rgb.size() != 3 * static_cast<std::size_t>(frame->width) * frame->height)
    fuzz::fail("a frame that is not as large as it says");
  return 0;
}
