# The target `tidy`, for the preset `tidy`: clang-tidy reads all sources, many at once (scripts/tidy.py). It compiles
# nothing, so the headers that are generated are made first.
add_custom_target(tidy COMMAND ${PROJECT_SOURCE_DIR}/scripts/tidy.py ${CMAKE_BINARY_DIR} USES_TERMINAL VERBATIM)
get_property(generated GLOBAL PROPERTY DREAMREEL_GENERATED)
if(generated)
  add_dependencies(tidy ${generated})
endif()
