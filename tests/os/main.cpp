// Entry point of os_tests, where the tree has no shared one.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
