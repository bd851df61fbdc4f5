# The target `tidy`, for the preset `tidy`: clang-tidy reads all sources, many at once (scripts/tidy.py).
add_custom_target(tidy COMMAND ${PROJECT_SOURCE_DIR}/scripts/tidy.py ${CMAKE_BINARY_DIR} USES_TERMINAL VERBATIM)
