# Sets the compiler launcher, warnings and sanitizers. The installed package exports none of this.

if(DREAMREEL_CCACHE)
  find_program(DREAMREEL_CCACHE_PROGRAM ccache)
  if(DREAMREEL_CCACHE_PROGRAM)
    # ccache caches precompiled headers only with this sloppiness, which tells it that they are listed as
    # dependencies.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${DREAMREEL_CCACHE_PROGRAM})
  endif()
endif()

add_library(dreamreel_compiler INTERFACE)
target_compile_options(dreamreel_compiler INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                                    -Woverloaded-virtual -Wcast-qual $<$<BOOL:${DREAMREEL_WERROR}>:-Werror>)
# Libraries and executables both use -fPIC, because GCC uses a precompiled header only with the same option.
target_compile_options(dreamreel_compiler INTERFACE -fPIC)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 falsely warns of overlap and overflow inside std::string's operator+ (GCC bugs 105651 and 105329).
  target_compile_options(dreamreel_compiler INTERFACE
    $<$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>:-Wno-restrict$<SEMICOLON>-Wno-stringop-overflow>)
  # GCC 14 takes LibTorch's own buffers (c10::SmallVector) for uninitialised where it inlines them into our loops.
  target_compile_options(dreamreel_compiler INTERFACE
    $<$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>:-Wno-maybe-uninitialized>)
  target_compile_options(dreamreel_compiler INTERFACE -fpch-preprocess)
endif()
if(DREAMREEL_SANITIZE)
  target_compile_options(dreamreel_compiler INTERFACE -fsanitize=${DREAMREEL_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(dreamreel_compiler INTERFACE -fsanitize=${DREAMREEL_SANITIZE})
  target_compile_definitions(dreamreel_compiler INTERFACE DREAMREEL_SANITIZED)
endif()
