// The main function of every test executable: Catch2's.

#define CATCH_CONFIG_MAIN

// GCC 12 with sanitizers mistakes the regular expressions inside Catch2 for
// reads of uninitialised memory, at the end of the file: no pop.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <catch2/catch.hpp>
