// A target with a defect of each kind, to see that smoke.cpp notices them: the input's first byte says which.
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
