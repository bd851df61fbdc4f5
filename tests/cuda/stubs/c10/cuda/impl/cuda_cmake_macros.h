// LibTorch generates this file if it is built with CUDA. Debian's LibTorch is built without CUDA, so the file
// is missing.
#pragma once

#define C10_CUDA_BUILD_SHARED_LIBS
