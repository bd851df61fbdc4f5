// The job inside a PNG or JPEG, as `info` reads it. A job that is put into a picture must be found there
// again.
#include "picture_text.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  const std::span picture(data, size);
  const std::string yaml = "seed: 7\n# \xc3\xbc\n";
  const auto text = media::job_in_picture(picture);
  if (text && text->size() > size) fuzz::fail("a text that is longer than its picture");
  const auto marked = media::with_job(picture, yaml);
  if (marked.size() != size && !media::job_in_picture(marked))
    fuzz::fail("a job was put in and is not found");
  return 0;
}
