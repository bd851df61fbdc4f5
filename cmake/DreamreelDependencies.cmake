# Finds every third party of the modules. The build includes this file, and so does a project that uses the
# installed package, because static libraries need their dependencies at link time. The module that owns a
# library links it PRIVATE. Only Torch is PUBLIC, because frames are tensors.
#
# One message lists all missing libraries with their Debian packages. dreamreel_missing collects them.
set(dreamreel_missing "")

# dreamreel_find(NAME PACKAGES [ARGUMENT of find_package]...)
macro(dreamreel_find name packages)
  find_package(${name} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    list(APPEND dreamreel_missing "${name} (${packages})")
  endif()
endmacro()

# dreamreel_find_modules(PREFIX WHAT PACKAGES MODULE...): finds modules by pkg-config, as the imported target
# PkgConfig::PREFIX.
macro(dreamreel_find_modules prefix what packages)
  if(PkgConfig_FOUND)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${ARGN})
  endif()
  if(NOT ${prefix}_FOUND)
    list(APPEND dreamreel_missing "${what} (${packages})")
  endif()
endmacro()

dreamreel_find(Threads libc6-dev)
dreamreel_find(OpenMP g++ COMPONENTS CXX)
dreamreel_find(PkgConfig pkg-config)
dreamreel_find(ONNX "libonnx-dev, libprotobuf-dev")
dreamreel_find(OpenSSL libssl-dev)
dreamreel_find(OpenCV "libopencv-core-dev, libopencv-imgproc-dev, libopencv-video-dev")
dreamreel_find(yaml-cpp libyaml-cpp-dev)
dreamreel_find_modules(FMT fmt libfmt-dev fmt)
dreamreel_find_modules(LIBAV FFmpeg "libavformat-dev, libavcodec-dev, libavfilter-dev, libavutil-dev, libswscale-dev, libswresample-dev"
                       libavformat libavcodec libavfilter libavutil libswscale libswresample)
dreamreel_find_modules(SOUND "aubio and libebur128" "libaubio-dev, libebur128-dev" aubio libebur128)
dreamreel_find_modules(LCMS LittleCMS liblcms2-dev lcms2)
dreamreel_find_modules(HTTPLIB cpp-httplib libcpp-httplib-dev cpp-httplib)
# Highway: for inner loops of networks on the CPU, which are written once for all kinds of processors.
dreamreel_find_modules(HIGHWAY Highway libhwy-dev libhwy)

# The parser's target is called onnx up to version 1.12, and ONNX::onnx in later versions.
if(ONNX_FOUND AND NOT TARGET dreamreel_onnx)
  add_library(dreamreel_onnx INTERFACE IMPORTED GLOBAL)
  if(TARGET ONNX::onnx)
    target_link_libraries(dreamreel_onnx INTERFACE ONNX::onnx)
  else()
    target_link_libraries(dreamreel_onnx INTERFACE onnx)
  endif()
endif()

# LibTorch's configuration gives its include folders and flags as variables, so this makes a target of them.
# OpenMP is part of the target: at::parallel_for is code in a header, and runs on one thread if it is compiled
# without OpenMP.
dreamreel_find(Torch libtorch-dev)
if(Torch_FOUND AND NOT TARGET dreamreel_torch)
  add_library(dreamreel_torch INTERFACE IMPORTED GLOBAL)
  target_link_libraries(dreamreel_torch INTERFACE ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
  target_include_directories(dreamreel_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
endif()

# The same oneDNN that LibTorch links, so that both share one pool of threads. It is found by its files,
# because its own configuration needs OpenCL.
find_library(DREAMREEL_ONEDNN_LIBRARY dnnl DOC "oneDNN (Debian: libdnnl-dev)")
find_path(DREAMREEL_ONEDNN_INCLUDE oneapi/dnnl/dnnl.hpp DOC "oneDNN (Debian: libdnnl-dev)")
if(NOT DREAMREEL_ONEDNN_LIBRARY OR NOT DREAMREEL_ONEDNN_INCLUDE)
  list(APPEND dreamreel_missing "oneDNN (libdnnl-dev)")
elseif(NOT TARGET dreamreel_onednn)
  add_library(dreamreel_onednn INTERFACE IMPORTED GLOBAL)
  target_link_libraries(dreamreel_onednn INTERFACE ${DREAMREEL_ONEDNN_LIBRARY})
  target_include_directories(dreamreel_onednn SYSTEM INTERFACE ${DREAMREEL_ONEDNN_INCLUDE})
endif()

if(dreamreel_missing AND CMAKE_FIND_PACKAGE_NAME)
  list(JOIN dreamreel_missing "; " dreamreel_missing_text)
  set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
  set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "not found (the Debian packages in brackets have it): ${dreamreel_missing_text}")
endif()
