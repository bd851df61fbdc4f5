# Sets DREAMREEL_BUILDS_TESTS: whether the tests are built. They need more packages than the program does.
#
# The user decides with DREAMREEL_TESTS. AUTO builds the tests if all packages are there, and otherwise names
# the missing ones. ON ends with an error if a package is missing.
set(wanted OFF)
if(PROJECT_IS_TOP_LEVEL)
  set(wanted AUTO)
endif()
set(DREAMREEL_TESTS ${wanted} CACHE STRING "Build the tests: AUTO (where what they need is there), ON or OFF")
set_property(CACHE DREAMREEL_TESTS PROPERTY STRINGS AUTO ON OFF)
set(DREAMREEL_BUILDS_TESTS OFF)
if(NOT DREAMREEL_TESTS)
  return()
endif()
if(DREAMREEL_FUZZ) # fuzz targets need none of the packages below
  set(DREAMREEL_BUILDS_TESTS ON)
  return()
endif()

set(found_before "${dreamreel_missing}")
set(dreamreel_missing "")
dreamreel_find(GTest "libgtest-dev, libgmock-dev")
# Only Debian's own Python can use python3-onnx.
find_program(DREAMREEL_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT DREAMREEL_PYTHON)
  list(APPEND dreamreel_missing "Python (python3)")
endif()

# dreamreel_find_python_module(MODULE PACKAGE): looks for a module of Python. The cache keeps it once it is
# found, because looking takes a moment.
function(dreamreel_find_python_module module package)
  if(DREAMREEL_PYTHON AND NOT DREAMREEL_PYTHON_${module})
    execute_process(COMMAND ${DREAMREEL_PYTHON} -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)"
                    RESULT_VARIABLE status)
    if(status EQUAL 0)
      set(DREAMREEL_PYTHON_${module} ON CACHE INTERNAL "Python has ${module}")
    endif()
  endif()
  if(NOT DREAMREEL_PYTHON_${module})
    set(dreamreel_missing "${dreamreel_missing};Python's module ${module} (${package})" PARENT_SCOPE)
  endif()
endfunction()
foreach(module onnx numpy torch torchvision)
  dreamreel_find_python_module(${module} python3-${module})
endforeach()
dreamreel_find_python_module(yaml python3-yaml)
dreamreel_find_python_module(jsonschema python3-jsonschema)

find_path(DREAMREEL_ONNX_CASES test_relu/model.onnx PATHS /usr/share/libonnx-testdata/data/node
          DOC "ONNX conformance cases (Debian: libonnx-testdata)")
if(NOT DREAMREEL_ONNX_CASES)
  list(APPEND dreamreel_missing "ONNX's conformance cases (libonnx-testdata)")
endif()
find_path(DREAMREEL_FOOTAGE vtest.avi PATHS ${PROJECT_SOURCE_DIR}/samples/media /usr/share/doc/opencv-doc/examples/data
          NO_DEFAULT_PATH DOC "Footage (scripts/fetch_samples.sh; Debian: opencv-doc)")
if(NOT DREAMREEL_FOOTAGE)
  list(APPEND dreamreel_missing "footage (opencv-doc; scripts/fetch_samples.sh)")
endif()

if(NOT dreamreel_missing)
  set(DREAMREEL_BUILDS_TESTS ON)
elseif(DREAMREEL_TESTS STREQUAL "AUTO")
  list(JOIN dreamreel_missing "; " missing)
  message(STATUS "The tests are not built. They need, in Debian packages: ${missing}. scripts/install_deps.sh --test installs them.")
  set(dreamreel_missing "")
endif()
set(dreamreel_missing "${found_before};${dreamreel_missing}")
list(FILTER dreamreel_missing EXCLUDE REGEX "^$")
