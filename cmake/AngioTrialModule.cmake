# One room: its own include root, the rooms it may use, its own tests.
#
#   angiotrial_module(NAME HEADERS ... SOURCES ... USES ... TESTS ...
#                     PRIVATE_LIBRARIES ... TEST_LIBRARIES ...)
#
# USES lists rooms that stand above this one in src/CMakeLists.txt: an upward arrow stops the
# configure step, and an upward include is a missing file.
function(angiotrial_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
    "HEADERS;SOURCES;USES;TESTS;PRIVATE_LIBRARIES;TEST_LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${name}: unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target angiotrial_${name})
  list(TRANSFORM arg_HEADERS PREPEND include/angiotrial/${name}/)
  if(arg_SOURCES)
    set(scope PUBLIC)
    list(TRANSFORM arg_SOURCES PREPEND src/)
    add_library(${target} STATIC ${arg_SOURCES})
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_LIBRARIES})
    target_include_directories(${target} PRIVATE src)
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(angiotrial::${name} ALIAS ${target})
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  foreach(room IN LISTS arg_USES)
    if(NOT TARGET angiotrial::${room})
      message(FATAL_ERROR
        "${name} uses ${room}, which is not listed above it in src/CMakeLists.txt")
    endif()
    target_link_libraries(${target} ${scope} angiotrial::${room})
  endforeach()
  if(BUILD_TESTING AND arg_TESTS)
    list(TRANSFORM arg_TESTS PREPEND tests/)
    add_executable(${target}_tests ${arg_TESTS})
    target_link_libraries(${target}_tests
      PRIVATE ${target} ${arg_TEST_LIBRARIES} GTest::gtest_main rapidcheck Threads::Threads)
    target_include_directories(${target}_tests PRIVATE src)
    target_compile_definitions(${target}_tests PRIVATE
      ANGIOTRIAL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    gtest_discover_tests(${target}_tests TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 120
      PROPERTIES LABELS unit TIMEOUT 600)
  endif()
endfunction()
