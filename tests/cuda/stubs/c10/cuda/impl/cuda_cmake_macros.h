// LibTorch generates this file where it is built with CUDA; Debian's, without, leaves it out.
#pragma once

#define C10_CUDA_BUILD_SHARED_LIBS
