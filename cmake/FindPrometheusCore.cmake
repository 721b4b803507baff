# Finds the core library of prometheus-cpp: metrics and their text form. The
# package's own CMake config wants curl, zlib and civetweb as well, for the
# parts that push and serve, which are not used here.
# Defines the imported target Prometheus::core.
find_path(PROMETHEUS_INCLUDE_DIR prometheus/text_serializer.h)
find_library(PROMETHEUS_CORE_LIBRARY prometheus-cpp-core)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  PrometheusCore REQUIRED_VARS PROMETHEUS_CORE_LIBRARY PROMETHEUS_INCLUDE_DIR)

if(PrometheusCore_FOUND AND NOT TARGET Prometheus::core)
  add_library(Prometheus::core UNKNOWN IMPORTED)
  set_target_properties(
    Prometheus::core
    PROPERTIES IMPORTED_LOCATION "${PROMETHEUS_CORE_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${PROMETHEUS_INCLUDE_DIR}"
               INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${PROMETHEUS_INCLUDE_DIR}")
endif()
mark_as_advanced(PROMETHEUS_INCLUDE_DIR PROMETHEUS_CORE_LIBRARY)
