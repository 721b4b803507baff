// The groups of files_bench: see bench/README.md for what the rows mean.

#pragma once

#include "bench/measure.hpp"

namespace outrigger::bench {

void measure_download(const bench_settings& settings, report& out);
void measure_reads(const bench_settings& settings, report& out);
void measure_listing(const bench_settings& settings, report& out);
void measure_search(const bench_settings& settings, report& out);
void measure_events(const bench_settings& settings, report& out);
void measure_large_watch(const bench_settings& settings, report& out);

} // namespace outrigger::bench
