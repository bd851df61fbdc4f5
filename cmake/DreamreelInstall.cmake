# What `cmake --install` puts where, and the package that find_package(dreamreel) reads.
include(CMakePackageConfigHelpers)

set(DREAMREEL_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/dreamreel)
set(DREAMREEL_INSTALL_DATADIR ${CMAKE_INSTALL_DATADIR}/dreamreel)

get_property(modules GLOBAL PROPERTY DREAMREEL_MODULES)
install(TARGETS ${modules} EXPORT dreamreelTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/dreamreel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT dreamreelTargets NAMESPACE dreamreel:: DESTINATION ${DREAMREEL_INSTALL_CMAKEDIR})

install(DIRECTORY configs/networks DESTINATION ${DREAMREEL_INSTALL_DATADIR} FILES_MATCHING PATTERN "*.yaml"
        PATTERN "*_labels.txt")
install(DIRECTORY configs DESTINATION ${DREAMREEL_INSTALL_DATADIR} FILES_MATCHING PATTERN "*.yaml"
        PATTERN networks EXCLUDE)

configure_package_config_file(cmake/dreamreelConfig.cmake.in ${PROJECT_BINARY_DIR}/dreamreelConfig.cmake
                              INSTALL_DESTINATION ${DREAMREEL_INSTALL_CMAKEDIR} PATH_VARS DREAMREEL_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dreamreelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dreamreelConfig.cmake ${PROJECT_BINARY_DIR}/dreamreelConfigVersion.cmake
              cmake/DreamreelDependencies.cmake cmake/FindOpenCV.cmake
        DESTINATION ${DREAMREEL_INSTALL_CMAKEDIR})
