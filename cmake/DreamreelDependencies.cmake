# Every third party of the modules, found once; for the build itself and for a project that uses the installed
# package, whose static libraries still want them at link time. Each is linked PRIVATE by the one module that owns it;
# Torch alone is PUBLIC, because frames are tensors.
#
# What is not there is told in one message, with the Debian packages that have it: dreamreel_missing is the list.
set(dreamreel_missing "")

# dreamreel_find(NAME PACKAGES [ARGUMENT of find_package]...)
macro(dreamreel_find name packages)
  find_package(${name} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    list(APPEND dreamreel_missing "${name} (${packages})")
  endif()
endmacro()

# dreamreel_find_modules(PREFIX WHAT PACKAGES MODULE...): by pkg-config, as the imported target PkgConfig::PREFIX.
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
dreamreel_find_modules(LIBAV FFmpeg "libavformat-dev, libavcodec-dev, libavfilter-dev, libavutil-dev, libswscale-dev, libswresample-dev"
                       libavformat libavcodec libavfilter libavutil libswscale libswresample)
dreamreel_find_modules(SOUND "aubio and libebur128" "libaubio-dev, libebur128-dev" aubio libebur128)
dreamreel_find_modules(LCMS LittleCMS liblcms2-dev lcms2)
dreamreel_find_modules(HTTPLIB cpp-httplib libcpp-httplib-dev cpp-httplib)
# The inner loops of the CPU's networks, written once for every kind of processor.
dreamreel_find_modules(HIGHWAY Highway libhwy-dev libhwy)

# The parser's target is called onnx up to 1.12, ONNX::onnx from then on.
if(ONNX_FOUND AND NOT TARGET dreamreel_onnx)
  add_library(dreamreel_onnx INTERFACE IMPORTED GLOBAL)
  if(TARGET ONNX::onnx)
    target_link_libraries(dreamreel_onnx INTERFACE ONNX::onnx)
  else()
    target_link_libraries(dreamreel_onnx INTERFACE onnx)
  endif()
endif()

# LibTorch's configuration leaves its include folders and flags in variables. OpenMP belongs to it: at::parallel_for is
# code of a header, and runs on one thread where that was compiled without.
dreamreel_find(Torch libtorch-dev)
if(Torch_FOUND AND NOT TARGET dreamreel_torch)
  add_library(dreamreel_torch INTERFACE IMPORTED GLOBAL)
  target_link_libraries(dreamreel_torch INTERFACE ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
  target_include_directories(dreamreel_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
endif()

# oneDNN, the one that LibTorch links, so that there is one pool of threads. Its own configuration asks for OpenCL.
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
