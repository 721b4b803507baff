# Build options shared by every target: language level, warnings, sanitizers,
# hardening. Targets take them by linking the interface library outrigger_build.
option(OUTRIGGER_TESTS "build the tests" ON)
option(OUTRIGGER_BENCH "build the benchmarks" OFF)
option(OUTRIGGER_FUZZ "build the fuzz targets (needs clang)" OFF)
option(OUTRIGGER_WERROR "warnings are errors" OFF)
option(OUTRIGGER_HARDENED "hardened code generation, for releases" OFF)
set(OUTRIGGER_SANITIZE "" CACHE STRING "sanitizers, e.g. address;undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the source tree, so that another clone shares the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=true "${CCACHE}")
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(outrigger_build INTERFACE)
target_include_directories(outrigger_build INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(
  outrigger_build INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(OUTRIGGER_WERROR)
  target_compile_options(outrigger_build INTERFACE -Werror)
endif()
# CAF's type-id machinery binds null references (harmless, inside its headers),
# so the null check of UBSan is off. So is the one of virtual tables: it asks by
# a pipe whether an object may be read, and without descriptors, which is what
# one test is about, it takes every object for a broken one. The last three ask
# something of every access to memory, of which AddressSanitizer sees what
# matters, and take a third of the time to compile.
if(OUTRIGGER_SANITIZE)
  string(REPLACE ";" "," sanitizers "${OUTRIGGER_SANITIZE}")
  set(unchecked null,vptr,alignment,object-size,pointer-overflow)
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize=${unchecked}
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
  # Their instrumentation makes GCC see uninitialised values in variants.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(OUTRIGGER_HARDENED)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection
                      -fcf-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
                      -D_GLIBCXX_ASSERTIONS)
  add_link_options(-Wl,-z,relro -Wl,-z,now)
  include(CheckPIESupported)
  check_pie_supported()
endif()
