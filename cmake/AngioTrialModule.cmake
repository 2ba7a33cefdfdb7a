# Rooms without hot loops, but for fuzzing. Under other sanitizers they are not optimised, which
# halves the time to build.
set(ANGIOTRIAL_PLAIN_ROOMS formats schema dataset study report app)

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
    if(ANGIOTRIAL_SANITIZE AND NOT ANGIOTRIAL_FUZZ AND name IN_LIST ANGIOTRIAL_PLAIN_ROOMS)
      target_compile_options(${target} PRIVATE -O0)
    endif()
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
    angiotrial_tests(${name} ${target}_tests TESTS ${arg_TESTS} LIBRARIES ${arg_TEST_LIBRARIES})
  endif()
endfunction()

# Headers that every test reads, compiled once. Off where each file is to prove that it includes what
# it uses.
option(ANGIOTRIAL_PRECOMPILED_HEADERS "Compile the headers of test libraries and Eigen once" OFF)
if(ANGIOTRIAL_PRECOMPILED_HEADERS AND BUILD_TESTING)
  file(WRITE ${CMAKE_BINARY_DIR}/generated/test_headers.cpp "")
  add_library(angiotrial_test_headers STATIC ${CMAKE_BINARY_DIR}/generated/test_headers.cpp)
  target_link_libraries(angiotrial_test_headers PRIVATE GTest::gtest_main rapidcheck Threads::Threads)
  if(ANGIOTRIAL_SANITIZE)
    target_compile_options(angiotrial_test_headers PRIVATE -O0)
  endif()
  target_precompile_headers(angiotrial_test_headers
    PRIVATE <gtest/gtest.h> <rapidcheck/gtest.h> <algorithm> <cmath> <string> <vector>)
endif()

# Tests of a room, or of one family of its files, in an executable of their own:
#
#   angiotrial_tests(ROOM TARGET [LABEL unit|long] TESTS ... LIBRARIES ...)
#
# Label `long`: run by ./test --all only. The target unit_tests builds those labelled `unit`.
function(angiotrial_tests room target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "LABEL" "TESTS;LIBRARIES")
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT BUILD_TESTING)
    return()
  endif()
  list(TRANSFORM arg_TESTS PREPEND tests/)
  add_executable(${target} EXCLUDE_FROM_ALL ${arg_TESTS})
  if(arg_LABEL STREQUAL long)
    set_property(GLOBAL APPEND PROPERTY ANGIOTRIAL_LONG_TESTS ${target})
  else()
    set_property(GLOBAL APPEND PROPERTY ANGIOTRIAL_ROOM_TESTS ${target})
  endif()
  target_link_libraries(${target}
    PRIVATE angiotrial_${room} ${arg_LIBRARIES} GTest::gtest_main rapidcheck Threads::Threads)
  target_include_directories(${target} PRIVATE src tests)
  target_compile_definitions(${target} PRIVATE ANGIOTRIAL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(ANGIOTRIAL_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)  # half the time to build, and no hot loops here
  endif()
  if(ANGIOTRIAL_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM angiotrial_test_headers)
  endif()
  if(ANGIOTRIAL_SANITIZE)
    # One process for all: that of a sanitizer takes longer to start than most tests to run.
    add_test(NAME ${room}.${target} COMMAND ${target})
    set_tests_properties(${room}.${target} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 1200)
  else()
    gtest_discover_tests(${target} TEST_PREFIX "${room}." DISCOVERY_TIMEOUT 120
      PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
  endif()
endfunction()

# A test or benchmark that counts what it asks of the heap; one of its sources is
# src/analysis/tests/counted_allocations.cpp.
function(angiotrial_count_allocations target)
  if(NOT TARGET ${target})
    return()  # a build without tests
  endif()
  target_link_options(${target} PRIVATE
    "LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc")
endfunction()
