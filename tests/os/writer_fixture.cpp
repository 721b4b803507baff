#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

namespace outrigger::os::test {

writer_fixture::writer_fixture(storage where) : file_tree(where) {
  auto opened = pending_files::open(pending_path);
  REQUIRE(opened.has_value());
  pending = std::move(*opened);
}

result<file_info> writer_fixture::write(const root_dir& where,
                                        std::string_view path,
                                        std::string_view bytes,
                                        const write_options& options) {
  auto writer = file_writer::begin(where, path, options, *pending);
  if (!writer)
    return writer.error();
  if (auto error = writer->write(bytes))
    return error;
  return writer->commit();
}

std::string writer_fixture::version(std::string_view path) const {
  return version_of(info_of(workspace, path).value());
}

} // namespace outrigger::os::test
