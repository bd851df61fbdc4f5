# Headers that many sources share are compiled once, in a library that contains nothing else:
# - aten: <ATen/ATen.h> (9 s a file), for sources that need more of ATen than a few <ATen/ops/...> headers;
# - json: the name of at::Tensor, nlohmann-json and common headers of the standard library;
# - test: GoogleTest with its matchers; test_aten: both. tests/ makes these two, because its compiler flags differ.

# dreamreel_precompiled_headers(NAME HEADERS header... [LIBRARIES target...]): defines `PCH NAME`.
function(dreamreel_precompiled_headers name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LIBRARIES")
  set(carrier ${CMAKE_CURRENT_BINARY_DIR}/${name}_pch.cpp)
  file(WRITE ${carrier} "// The carrier of a precompiled header.\n")
  add_library(dreamreel_${name}_pch OBJECT EXCLUDE_FROM_ALL ${carrier})
  target_link_libraries(dreamreel_${name}_pch PRIVATE ${arg_LIBRARIES} dreamreel_compiler)
  target_compile_features(dreamreel_${name}_pch PRIVATE cxx_std_20)
  target_precompile_headers(dreamreel_${name}_pch PRIVATE ${arg_HEADERS})
  set_target_properties(dreamreel_${name}_pch PROPERTIES UNITY_BUILD OFF)  # it has one source
endfunction()

# dreamreel_precompile(TARGET aten | test | test_aten | header...)
function(dreamreel_precompile target)
  if(TARGET "dreamreel_${ARGN}_pch")
    target_precompile_headers(${target} REUSE_FROM dreamreel_${ARGN}_pch)
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

dreamreel_precompiled_headers(aten HEADERS <ATen/ATen.h> LIBRARIES dreamreel_torch)
dreamreel_precompiled_headers(json HEADERS <ATen/core/Tensor.h> <filesystem> <functional> <map> <memory> <nlohmann/json.hpp>
                                       <optional> <string> <vector> LIBRARIES dreamreel_torch nlohmann_json::nlohmann_json)
