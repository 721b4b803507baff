// GZIP STREAM: packs bytes as they come.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace outrigger::os {

class gzip_stream {
public:
  /// Level 1: what is downloaded is read, packed and sent at once, and level 6
  /// takes three to four times as long for a quarter less of source code.
  gzip_stream();
  gzip_stream(gzip_stream&&) noexcept;
  gzip_stream& operator=(gzip_stream&&) noexcept;
  ~gzip_stream();

  // Each appends to `out` what there is to be sent.

  void add(std::string_view bytes, std::string& out);
  /// All of what was added so far.
  void flush(std::string& out);
  /// The end. Nothing may be added after it.
  void finish(std::string& out);

private:
  struct state;
  void run(int mode, std::string& out);
  std::unique_ptr<state> state_;
};

} // namespace outrigger::os
