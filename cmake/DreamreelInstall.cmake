# Tells `cmake --install` where to put the files, and writes the package that find_package(dreamreel) reads.
include(CMakePackageConfigHelpers)

set(DREAMREEL_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/dreamreel)
set(DREAMREEL_INSTALL_DATADIR ${CMAKE_INSTALL_DATADIR}/dreamreel)

get_property(modules GLOBAL PROPERTY DREAMREEL_MODULES)
install(TARGETS ${modules} EXPORT dreamreelTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/dreamreel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
        FILES_MATCHING PATTERN "*.h")
install(EXPORT dreamreelTargets NAMESPACE dreamreel:: DESTINATION ${DREAMREEL_INSTALL_CMAKEDIR} COMPONENT development)

install(DIRECTORY configs/networks DESTINATION ${DREAMREEL_INSTALL_DATADIR} COMPONENT program
        FILES_MATCHING PATTERN "*.yaml" PATTERN "*_labels.txt")
install(DIRECTORY configs DESTINATION ${DREAMREEL_INSTALL_DATADIR} COMPONENT program FILES_MATCHING PATTERN "*.yaml"
        PATTERN networks EXCLUDE)

# What `dreamreel fetch` runs.
install(PROGRAMS scripts/fetch_network.sh DESTINATION ${DREAMREEL_INSTALL_DATADIR}/scripts COMPONENT program)
install(FILES scripts/conversion.py scripts/convert_inception.py scripts/convert_tfjs_graph.py scripts/convert_tflite.py
              scripts/network_recipes.py scripts/export_torchvision.py
        DESTINATION ${DREAMREEL_INSTALL_DATADIR}/scripts COMPONENT program)

# What the program says of itself, made as it is installed; a program for another machine cannot be asked.
if(NOT CMAKE_CROSSCOMPILING)
  install(CODE "
    set(described \"${PROJECT_BINARY_DIR}/described\")
    file(MAKE_DIRECTORY \"\${described}\")
    function(dreamreel_describe file folder)
      execute_process(COMMAND \"${CMAKE_COMMAND}\" -E env --unset=DREAMREEL_CARDS \"$<TARGET_FILE:dreamreel>\" \${ARGN}
                      OUTPUT_FILE \"\${described}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
      if(folder MATCHES man1)
        execute_process(COMMAND gzip -9 --no-name --force \"\${described}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
        string(APPEND file .gz)
      endif()
      file(INSTALL \"\${described}/\${file}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/\${folder}\")
    endfunction()
    dreamreel_describe(job.schema.json ${DREAMREEL_INSTALL_DATADIR} schema)
    dreamreel_describe(dreamreel.1 ${CMAKE_INSTALL_DATADIR}/man/man1 manual)
    dreamreel_describe(dreamreel ${CMAKE_INSTALL_DATADIR}/bash-completion/completions completion bash)
    dreamreel_describe(_dreamreel ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions completion zsh)
  " COMPONENT program)
endif()

configure_package_config_file(cmake/dreamreelConfig.cmake.in ${PROJECT_BINARY_DIR}/dreamreelConfig.cmake
                              INSTALL_DESTINATION ${DREAMREEL_INSTALL_CMAKEDIR} PATH_VARS DREAMREEL_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dreamreelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dreamreelConfig.cmake ${PROJECT_BINARY_DIR}/dreamreelConfigVersion.cmake
              cmake/DreamreelDependencies.cmake cmake/FindOpenCV.cmake
        DESTINATION ${DREAMREEL_INSTALL_CMAKEDIR} COMPONENT development)
