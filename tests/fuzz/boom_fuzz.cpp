// A target with a defect of each kind, to test that smoke.cpp notices them. The input's first byte selects
// the defect.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <new>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  switch (data[0]) {
    case 't':
      throw std::bad_alloc();
    case 'a':
      std::abort();
    case 'h':
      for (;;) ::usleep(1000);
    default:
      return 0;
  }
}
