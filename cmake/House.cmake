# Targets that serve people rather than rooms: unit_tests, format, bench, install.
# Included last, when every room has been added.

# The rooms' own tests, without those that look across rooms.
if(BUILD_TESTING)
  add_custom_target(unit_tests)
  get_property(tests_of_rooms GLOBAL PROPERTY ANGIOTRIAL_ROOM_TESTS)
  add_dependencies(unit_tests ${tests_of_rooms})
  add_custom_target(long_tests)
  get_property(long_tests_of_rooms GLOBAL PROPERTY ANGIOTRIAL_LONG_TESTS)
  if(long_tests_of_rooms)
    add_dependencies(long_tests ${long_tests_of_rooms})
  endif()
endif()

add_custom_target(format COMMAND ${CMAKE_SOURCE_DIR}/tools/format
  COMMENT "Laying out every C++ file" VERBATIM)

# Runs what benchmarks/CMakeLists.txt has registered; without benchmarks there is no such target.
get_property(benchmarks GLOBAL PROPERTY ANGIOTRIAL_BENCHMARK_TARGETS)
if(benchmarks)
  set(commands)
  foreach(benchmark IN LISTS benchmarks)
    list(APPEND commands COMMAND ${benchmark})
  endforeach()
  add_custom_target(bench ${commands} USES_TERMINAL COMMENT "Running the benchmarks" VERBATIM)
endif()

if(TARGET angiotrial)
  install(TARGETS angiotrial RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/studies/ DESTINATION ${CMAKE_INSTALL_DATADIR}/angiotrial/studies
    FILES_MATCHING PATTERN "*.toml")
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md
    ${CMAKE_SOURCE_DIR}/CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
