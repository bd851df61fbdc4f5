// OpenJD's pathmapping-1.0, and a path to map, which is the first line of the input.
#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  static const fuzz::Scratch scratch;
  const auto text = fuzz::text_of(data, size);
  const auto end = text.find('\n');
  const std::string path(text.substr(0, end));
  try {
    const auto file = scratch.write("map.json", end == std::string_view::npos ? "" : text.substr(end + 1));
    if (farm::mapped_path(path, file) != farm::mapped_path(path, file)) fuzz::fail("a path goes two ways");
  } catch (const InputError&) {
  } catch (const DataError&) {
  }
  return 0;
}
