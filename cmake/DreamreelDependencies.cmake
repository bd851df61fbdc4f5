# Every third party of the modules, found once; for the build itself and for a project that uses the installed
# package, whose static libraries still want them at link time. Each is linked PRIVATE by the one module that owns it;
# Torch alone is PUBLIC, because frames are tensors.

include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(OpenMP COMPONENTS CXX)
find_dependency(PkgConfig)
find_dependency(ONNX)
find_dependency(OpenSSL)
find_dependency(OpenCV)
find_dependency(yaml-cpp)

# LibTorch's configuration leaves its include folders and flags in variables. OpenMP belongs to it: at::parallel_for is
# code of a header, and runs on one thread where that was compiled without.
find_dependency(Torch)
if(NOT TARGET dreamreel_torch)
  add_library(dreamreel_torch INTERFACE IMPORTED GLOBAL)
  target_link_libraries(dreamreel_torch INTERFACE ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
  target_include_directories(dreamreel_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
endif()

# oneDNN, the one that LibTorch links, so that there is one pool of threads. Its own configuration asks for OpenCL.
find_library(DREAMREEL_ONEDNN_LIBRARY dnnl DOC "oneDNN (Debian: libdnnl-dev)")
find_path(DREAMREEL_ONEDNN_INCLUDE oneapi/dnnl/dnnl.hpp DOC "oneDNN (Debian: libdnnl-dev)")
if(NOT DREAMREEL_ONEDNN_LIBRARY OR NOT DREAMREEL_ONEDNN_INCLUDE)
  set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
  set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "oneDNN (oneapi/dnnl/dnnl.hpp, libdnnl) was not found")
elseif(NOT TARGET dreamreel_onednn)
  add_library(dreamreel_onednn INTERFACE IMPORTED GLOBAL)
  target_link_libraries(dreamreel_onednn INTERFACE ${DREAMREEL_ONEDNN_LIBRARY})
  target_include_directories(dreamreel_onednn SYSTEM INTERFACE ${DREAMREEL_ONEDNN_INCLUDE})
endif()

# Highway: the inner loops of the CPU's networks, written once for every kind of processor.
pkg_check_modules(HIGHWAY IMPORTED_TARGET libhwy)
if(NOT HIGHWAY_FOUND)
  set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
  set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "Highway (libhwy) was not found by pkg-config")
endif()

pkg_check_modules(LIBAV IMPORTED_TARGET libavformat libavcodec libavfilter libavutil libswscale libswresample)
if(NOT LIBAV_FOUND)
  set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
  set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "FFmpeg's libraries were not found by pkg-config")
endif()

pkg_check_modules(SOUND IMPORTED_TARGET aubio libebur128)
if(NOT SOUND_FOUND)
  set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
  set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "aubio and libebur128 were not found by pkg-config")
endif()

pkg_check_modules(LCMS IMPORTED_TARGET lcms2)
if(NOT LCMS_FOUND)
  set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
  set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "LittleCMS (lcms2) was not found by pkg-config")
endif()
