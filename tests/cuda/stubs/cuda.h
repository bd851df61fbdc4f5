// The part of the driver's header that LibTorch's headers use.
#pragma once

#define CUDA_VERSION 11080
