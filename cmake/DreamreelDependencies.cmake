# Every third party, found once. Each becomes one target that exactly one module links PRIVATE (Torch alone is PUBLIC,
# because frames are tensors).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# LibTorch's own config wants protobuf, gflags and glog targets; its flags are inherited from the imported targets.
find_package(Torch REQUIRED)
add_library(dreamreel_torch INTERFACE)
target_link_libraries(dreamreel_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(dreamreel_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})

find_package(ONNX REQUIRED)
find_package(OpenCV REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(LIBAV REQUIRED IMPORTED_TARGET libavformat libavcodec libavfilter libavutil libswscale libswresample)
pkg_check_modules(LIBAVUTIL REQUIRED IMPORTED_TARGET libavutil)
