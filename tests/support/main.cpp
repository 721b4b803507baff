// The main function of every test executable: Catch2's.

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
