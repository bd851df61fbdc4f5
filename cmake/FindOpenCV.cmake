# OpenCV's core, imgproc and video libraries as imported targets opencv_core, opencv_imgproc and opencv_video.
#
# Uses OpenCV's own package configuration if it is installed. Debian ships it only with libopencv-dev, which
# pulls in VTK and MPI. Three small -dev packages are enough here, and they are found by their files.
find_package(OpenCV QUIET CONFIG COMPONENTS core imgproc video)
if(NOT OpenCV_FOUND)
  find_path(OpenCV_INCLUDE_DIR opencv2/video/tracking.hpp PATH_SUFFIXES opencv4)
  set(opencv_libraries "")
  foreach(component core imgproc video)
    find_library(OpenCV_${component}_LIBRARY opencv_${component})
    list(APPEND opencv_libraries OpenCV_${component}_LIBRARY)
    if(OpenCV_INCLUDE_DIR AND OpenCV_${component}_LIBRARY AND NOT TARGET opencv_${component})
      add_library(opencv_${component} UNKNOWN IMPORTED)
      set_target_properties(opencv_${component} PROPERTIES IMPORTED_LOCATION "${OpenCV_${component}_LIBRARY}"
                                                           INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR}")
    endif()
  endforeach()
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(OpenCV REQUIRED_VARS OpenCV_INCLUDE_DIR ${opencv_libraries})
endif()
