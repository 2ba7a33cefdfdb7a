# angiotrial::version offers <angiotrial/version.hpp>: the project's version and, where git knows
# it, the commit. The header is looked at in every build and rewritten only when it would change.
set(generated ${CMAKE_BINARY_DIR}/generated)
set(write_version ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
  -DHEADER=${generated}/angiotrial/version.hpp -P ${CMAKE_CURRENT_LIST_DIR}/WriteVersion.cmake)
add_custom_target(angiotrial_version_header COMMAND ${write_version}
  BYPRODUCTS ${generated}/angiotrial/version.hpp COMMENT "" VERBATIM)
add_library(angiotrial_version INTERFACE)
add_library(angiotrial::version ALIAS angiotrial_version)
target_include_directories(angiotrial_version INTERFACE ${generated})
add_dependencies(angiotrial_version angiotrial_version_header)
