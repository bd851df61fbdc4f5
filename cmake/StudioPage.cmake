# Builds the studio's page and writes it as a C++ header: a script for `cmake -P`, which the build runs when a file of the page
# has changed.
#
#   SOURCE  share/studio
#   WORK    a folder of the build, which npm fills; nothing is written into the sources
#   OUTPUT  the header
#   MODE    AUTO: without npm, or where npm cannot fetch the packages, the page is left out; ON: that is an error; OFF: left out
#   NPM     the program, or "" where there is none
#   TESTS   ON: packages that only tests use are installed too
cmake_minimum_required(VERSION 3.25)

function(write_header)
  set(text "// Made by cmake/StudioPage.cmake.\n#pragma once\n\n#include <string_view>\n\nnamespace dreamreel::studio {\n\n")
  foreach(pair "kIndexHtml=index.html" "kStudioJs=studio.js" "kStudioCss=studio.css")
    string(REGEX MATCH "^([^=]+)=(.+)$" matched "${pair}")
    set(name ${CMAKE_MATCH_1})
    set(file ${WORK}/dist/${CMAKE_MATCH_2})
    if(has_page)
      file(READ ${file} bytes HEX)
      string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
      string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
      string(APPEND text "inline constexpr unsigned char ${name}Bytes[] = {\n${bytes}};\n"
                         "inline const std::string_view ${name}(reinterpret_cast<const char*>(${name}Bytes), sizeof ${name}Bytes);\n")
    else()
      string(APPEND text "inline const std::string_view ${name}{};\n")
    endif()
  endforeach()
  string(APPEND text "\n}  // namespace dreamreel::studio\n")
  file(WRITE ${OUTPUT} "${text}")
endfunction()

function(leave_out why)
  if(MODE STREQUAL "ON")
    message(FATAL_ERROR "the studio's page cannot be built: ${why}")
  endif()
  message(STATUS "the studio's page is left out: ${why}")
  set(has_page OFF)
  write_header()
endfunction()

if(MODE STREQUAL "OFF")
  leave_out("DREAMREEL_STUDIO_PAGE is OFF")
  return()
elseif(NOT NPM)
  leave_out("npm was not found; scripts/install_deps.sh installs it")
  return()
endif()

file(REMOVE_RECURSE ${WORK}/src ${WORK}/dist)
file(GLOB files ${SOURCE}/*.json ${SOURCE}/*.ts ${SOURCE}/*.html ${SOURCE}/.npmrc)
file(COPY ${files} ${SOURCE}/src DESTINATION ${WORK})

# The packages are those of the lock file, checked against its checksums; none may run a script while it is installed.
file(SHA256 ${SOURCE}/package-lock.json lock)
set(stamp "${lock} ${TESTS}")
set(installed "")
if(EXISTS ${WORK}/node_modules/.dreamreel)
  file(READ ${WORK}/node_modules/.dreamreel installed)
endif()
if(NOT installed STREQUAL stamp)
  set(omit --omit=dev)
  if(TESTS)
    set(omit "")
  endif()
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund ${omit} WORKING_DIRECTORY ${WORK}
                  RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    leave_out("npm ci failed:\n${said}")
    return()
  endif()
  file(WRITE ${WORK}/node_modules/.dreamreel "${stamp}")
endif()

execute_process(COMMAND ${WORK}/node_modules/.bin/vite build --logLevel warn WORKING_DIRECTORY ${WORK}
                RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
  message(FATAL_ERROR "vite build failed:\n${said}")
endif()
set(has_page ON)
write_header()
