# Preset `fuzz`: clang 16 with libFuzzer (Debian: clang-16, libclang-rt-16-dev). LibTorch takes its threads
# from GCC's libgomp, so clang uses libgomp, too; clang's own OpenMP library would add a second pool of
# threads.
set(CMAKE_CXX_COMPILER clang++-16)
execute_process(COMMAND gcc -print-file-name=libgomp.so OUTPUT_VARIABLE gomp OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND gcc -print-file-name=include/omp.h OUTPUT_VARIABLE omp_header OUTPUT_STRIP_TRAILING_WHITESPACE)
# Copies only omp.h, because clang has its own versions of GCC's other headers. An attribute's argument that
# clang does not know is removed.
file(READ "${omp_header}" omp_text)
string(REPLACE "__malloc__ (omp_free)" "__malloc__" omp_text "${omp_text}")
file(WRITE "${CMAKE_BINARY_DIR}/omp/omp.h" "${omp_text}")
set(OpenMP_CXX_FLAGS "-fopenmp=libgomp" CACHE STRING "")
set(OpenMP_CXX_LIB_NAMES gomp CACHE STRING "")
set(OpenMP_gomp_LIBRARY "${gomp}" CACHE FILEPATH "")
set(CMAKE_CXX_FLAGS_INIT "-isystem ${CMAKE_BINARY_DIR}/omp -include ${CMAKE_CURRENT_LIST_DIR}/tidy_prelude.h -fsanitize=fuzzer-no-link")
