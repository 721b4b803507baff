#include "tests/os/archive_fixture.hpp"

#include <catch2/catch.hpp>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace outrigger::os::test {

namespace fs = std::filesystem;

unique_fd file_of(std::string_view bytes) {
  unique_fd file(::memfd_create("archive", MFD_CLOEXEC));
  REQUIRE(file);
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    REQUIRE(written > 0);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

void run(const std::string& command) {
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

std::map<std::string, std::string> contents_of(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat status {};
    REQUIRE(::lstat(entry.path().c_str(), &status) == 0);
    std::ostringstream text;
    text << std::oct << status.st_mode << ' ';
    if (S_ISLNK(status.st_mode))
      text << fs::read_symlink(entry.path()).string();
    else if (S_ISREG(status.st_mode))
      text << read_file(entry.path()).value_or("unreadable");
    found[entry.path().lexically_relative(folder)] = text.str();
  }
  return found;
}

archive_fixture::archive_fixture() {
  ::umask(022);
}

std::map<std::string, std::string> archive_fixture::everything() const {
  auto all = contents_of((*this)(""));
  all.erase("pending"); // changes, and is looked at by itself
  return all;
}

unpacking archive_fixture::unpack_file(unique_fd archive,
                                       std::string_view destination,
                                       const extract_options& options) {
  auto reader = archive_reader::open(std::move(archive), workspace, destination,
                                     options, *pending);
  if (!reader)
    return {reader.error(), "", {}};
  for (;;) {
    const auto progress = reader->step();
    if (!progress)
      return {progress.error(), reader->complaint(), {}};
    if (progress->done)
      break;
  }
  auto done = reader->finish();
  if (!done)
    return {done.error(), reader->complaint(), {}};
  return {{}, reader->complaint(), std::move(*done)};
}

unpacking archive_fixture::unpack(std::string_view bytes,
                                  std::string_view destination,
                                  const extract_options& options) {
  return unpack_file(file_of(bytes), destination, options);
}

void archive_fixture::refuses(std::string_view bytes,
                              std::string_view complaint, std::error_code error,
                              const extract_options& options) {
  if (!exists(in("old"))) {
    make_folder_at(in("old"));
    write_file(in("old/mine"), "mine");
    write_file((*this)("outside"), "outside");
  }
  const auto before = everything();
  const auto descriptors = open_descriptors();
  for (const auto* destination : {"old", "new", "new/er"}) {
    INFO(destination);
    const auto tried = unpack(bytes, destination, options);
    CHECK(tried.error == error);
    INFO(tried.complaint);
    CHECK(tried.complaint.find(complaint) != std::string::npos);
    CHECK(everything() == before);
  }
  CHECK(open_descriptors() == descriptors);
}

std::string archive_fixture::pack(const std::vector<std::string>& paths,
                                  archive_options options) {
  std::vector<archive_source> sources;
  for (const auto& path : paths)
    sources.push_back({workspace, path});
  auto writer = archive_writer::begin(std::move(sources), std::move(options));
  REQUIRE(writer.has_value());
  std::string whole;
  for (;;) {
    auto piece = writer->produce();
    REQUIRE(piece.has_value());
    if (piece->empty())
      return whole;
    CHECK(piece->size() <= 512 * 1024);
    whole += *piece;
  }
}

} // namespace outrigger::os::test
