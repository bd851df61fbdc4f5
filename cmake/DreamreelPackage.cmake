# `scripts/package.sh`, or the target `package` of a build: one Debian package with the program, its jobs and cards, and
# the networks that these jobs begin with. Headers and static libraries stay out of it: they belong to the component
# `development`.
set(DREAMREEL_PACKAGE_NETWORKS "inception_v3;oid" CACHE STRING "Networks that go into the package, by their cards")
set(DREAMREEL_PACKAGE_NETWORK_FOLDER "$ENV{HOME}/.cache/dreamreel/networks" CACHE PATH
    "Where these networks lie (scripts/fetch_network.sh)")

foreach(name ${DREAMREEL_PACKAGE_NETWORKS})
  file(STRINGS configs/networks/${name}.yaml sha256 REGEX "^sha256: ")
  string(REGEX REPLACE "^sha256: *([0-9a-f]+).*" "\\1" sha256 "${sha256}")
  set(network ${DREAMREEL_PACKAGE_NETWORK_FOLDER}/${name}.onnx)
  install(CODE "
    if(NOT EXISTS \"${network}\")
      message(FATAL_ERROR \"the package holds the network ${name}, and there is no ${network}: run \"
                          \"scripts/fetch_network.sh ${name}, or set DREAMREEL_PACKAGE_NETWORK_FOLDER\")
    endif()
    file(SHA256 \"${network}\" found)
    if(NOT found STREQUAL \"${sha256}\")
      message(FATAL_ERROR \"${network} has not the checksum of configs/networks/${name}.yaml\")
    endif()
    file(INSTALL \"${network}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${DREAMREEL_INSTALL_DATADIR}/networks\"
         PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  " COMPONENT package EXCLUDE_FROM_ALL)
endforeach()

# A release of Debian upgrades to the package of the next one, so that is the greater version.
file(STRINGS /etc/os-release release REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9]" "" release "${release}")
set(CPACK_DEBIAN_PACKAGE_VERSION ${PROJECT_VERSION}+deb${release})

# Debian wants a package's changes compressed beside its licences, its own among them.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(maintainer "dreamreel maintainers <dreamreel@example.org>")
file(WRITE ${PROJECT_BINARY_DIR}/package/changelog
     "dreamreel (${CPACK_DEBIAN_PACKAGE_VERSION}) unstable; urgency=medium\n\n  * See NEWS.md.gz for what changed.\n\n"
     " -- ${maintainer}  ${date}\n")
file(COPY_FILE CHANGELOG.md ${PROJECT_BINARY_DIR}/package/NEWS.md)
foreach(file changelog NEWS.md)
  execute_process(COMMAND gzip -9 --no-name --force ${PROJECT_BINARY_DIR}/package/${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
install(FILES packaging/copyright ${PROJECT_BINARY_DIR}/package/changelog.gz ${PROJECT_BINARY_DIR}/package/NEWS.md.gz
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/dreamreel COMPONENT package EXCLUDE_FROM_ALL)
install(FILES packaging/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME dreamreel
        COMPONENT package EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dreamreel)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${maintainer}")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "curl, npm, python3-numpy, python3-onnx") # dreamreel fetch
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "lets a trained network dream on moving pictures")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "dreamreel turns a clip, a photo or plain noise into a dreamed video. The
dreams stick to the things that they grow on, and the sound of a clip is kept.
One YAML file describes one job.

The package has jobs and looks to start from, and the two networks that the
first jobs use. Other networks are fetched by the program itself.")
include(CPack)
