# dreamreel_module(NAME SOURCES a.cpp ... [PUBLIC target ...] [PRIVATE target ...] [PCH aten | header ...])
#
# Makes the static library `dreamreel_NAME`, with the alias `dreamreel::NAME`, from one folder under src/.
# PUBLIC lists the targets that the module's public headers include. PRIVATE lists third parties that only its
# sources see. Every module composes its messages with libfmt.
function(dreamreel_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE;PCH")
  set(target dreamreel_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(dreamreel::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                                       PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} PkgConfig::FMT $<BUILD_INTERFACE:dreamreel_compiler>)
  if(arg_PCH)
    dreamreel_precompile(${target} ${arg_PCH})
  endif()
  set_property(GLOBAL APPEND PROPERTY DREAMREEL_MODULES ${target})
endfunction()

# For code that runs only for a moment, but takes the optimiser long to compile: CLI11, nlohmann-json and the
# job's schema.
function(dreamreel_optimise_little target)
  if(NOT DREAMREEL_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-O1>)
  endif()
endfunction()

# dreamreel_embed_page(TARGET NAME): share/pages/NAME.html becomes the text kNamePage in the header pages/NAME.h.
function(dreamreel_embed_page target name)
  set(page ${PROJECT_SOURCE_DIR}/share/pages/${name}.html)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/pages/${name}.h)
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedPage.cmake)
  add_custom_command(OUTPUT ${header} DEPENDS ${page} ${script}
                     COMMAND ${CMAKE_COMMAND} -D PAGE=${page} -D OUTPUT=${header} -P ${script}
                     COMMENT "Embedding ${name}.html" VERBATIM)
  dreamreel_generated(${target} ${header})
endfunction()

# dreamreel_generated(TARGET HEADER): the target includes a header that a command of the same CMakeLists.txt makes.
function(dreamreel_generated target header)
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
  get_filename_component(name ${header} NAME_WE)
  add_custom_target(${target}_${name} DEPENDS ${header})  # for those who read sources without building
  set_property(GLOBAL APPEND PROPERTY DREAMREEL_GENERATED ${target}_${name})
endfunction()

# dreamreel_limit_seconds(SECONDS TEST...): a test that takes longer fails. With a sanitizer the code is not
# optimised, so the limit is ten times as long.
set(dreamreel_patience 1)
if(DREAMREEL_SANITIZE)
  set(dreamreel_patience 10)
endif()
function(dreamreel_limit_seconds seconds)
  math(EXPR limit "${seconds} * ${dreamreel_patience}")
  set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${limit})
endfunction()

# dreamreel_test(NAME SOURCES ... [LIBRARIES target ...] [ENVIRONMENT VAR=value ...] [PCH test | test_aten]
#                [TIMEOUT seconds] [SHARDS number] [COST seconds])
# Makes a GoogleTest executable, whose cases become ctest tests named NAME.Suite.Case. The test NAME runs all
# cases in one process, and the test of each case shows its result (tests/support/cases/). With SHARDS, as many
# processes as that, NAME.0, NAME.1, ..., share the cases, so that ctest can run them at the same time. TIMEOUT
# holds for one case. COST is what ctest orders tests by (default: 50). PCH test_aten is for tests that handle
# tensors; the default is test.
function(dreamreel_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;SHARDS;COST" "SOURCES;LIBRARIES;ENVIRONMENT;PCH")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${dreamreel_patience}")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} dreamreel_compiler dreamreel_test_support GTest::gmock GTest::gtest_main)
  if(NOT arg_PCH)
    set(arg_PCH test)
  endif()
  dreamreel_precompile(${name} ${arg_PCH})
  if(NOT arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  if(NOT arg_COST)
    set(arg_COST 50)
  endif()
  dreamreel_run_cases_together(${name} ${arg_SHARDS} ${arg_TIMEOUT} ${arg_COST} "${arg_ENVIRONMENT}")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 600 NO_PRETTY_VALUES
                       PROPERTIES TIMEOUT 60 FIXTURES_REQUIRED ${name})
endfunction()

# Adds the test NAME, which runs all cases, or one for each shard. The tests of gtest_discover_tests then only show
# results, because it runs the executable with an emulator, and the emulator is show_case.sh.
function(dreamreel_run_cases_together name shards seconds cost environment)
  set(folder ${PROJECT_SOURCE_DIR}/tests/support/cases)
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    set(test ${name})
    if(shards GREATER 1)
      set(test ${name}.${shard})
    endif()
    add_test(NAME ${test} COMMAND ${DREAMREEL_PYTHON} -B ${folder}/run_cases.py $<TARGET_FILE:${name}> ${seconds} ${shard} ${shards})
    # Tests share the processors, so waiting threads must not spin.
    set_tests_properties(${test} PROPERTIES FIXTURES_SETUP ${name} COST ${cost}
                                            ENVIRONMENT "OMP_WAIT_POLICY=passive;${environment}")
    dreamreel_limit_seconds(3600 ${test})
  endforeach()
  set_target_properties(${name} PROPERTIES CROSSCOMPILING_EMULATOR "sh;${folder}/show_case.sh")
  add_test(NAME ${name}.exit COMMAND sh ${folder}/show_case.sh $<TARGET_FILE:${name}> --gtest_filter=exit)
  set_tests_properties(${name}.exit PROPERTIES FIXTURES_REQUIRED ${name} TIMEOUT 60)
endfunction()
