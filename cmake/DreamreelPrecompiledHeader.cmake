# dreamreel_aten_pch: <ATen/ATen.h> (9 s a file) compiled once. `PCH aten` in dreamreel_module and dreamreel_test uses
# it, for sources that need more of ATen than a few <ATen/ops/...> headers.
file(WRITE ${PROJECT_BINARY_DIR}/aten_pch.cpp "// The carrier of a precompiled header.\n")
add_library(dreamreel_aten_pch OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/aten_pch.cpp)
target_link_libraries(dreamreel_aten_pch PRIVATE dreamreel_torch dreamreel_compiler)
target_compile_features(dreamreel_aten_pch PRIVATE cxx_std_20)
target_precompile_headers(dreamreel_aten_pch PRIVATE <ATen/ATen.h>)

# dreamreel_precompile(TARGET aten | header...)
function(dreamreel_precompile target)
  if("${ARGN}" STREQUAL "aten")
    target_precompile_headers(${target} REUSE_FROM dreamreel_aten_pch)
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
