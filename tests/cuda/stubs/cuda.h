// The driver's header, as far as LibTorch's look into it.
#pragma once

#define CUDA_VERSION 11080
