// MEASURE EDGE: the groups of edge_bench; each adds its rows to the report.

#pragma once

#include "bench/measure.hpp"

namespace outrigger::bench {

void measure_health(const bench_settings& settings, report& out);
void measure_connect(const bench_settings& settings, report& out);
void measure_flooders(const bench_settings& settings, report& out);
void measure_deflate(const bench_settings& settings, report& out);

} // namespace outrigger::bench
