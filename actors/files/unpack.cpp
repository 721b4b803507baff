#include "actors/files/unpack.hpp"

#include <utility>

#include "actors/files/faults.hpp"
#include "actors/os/blocking_io.hpp"
#include "actors/os/error.hpp"

namespace outrigger {
namespace {

os::if_taken policy_of(conflict_strategy conflict) {
  switch (conflict) {
  case conflict_strategy::overwrite:
    return os::if_taken::overwrite;
  case conflict_strategy::reject:
    return os::if_taken::reject;
  case conflict_strategy::rename:
    break;
  }
  return os::if_taken::rename;
}

error refused(const std::error_code& why, std::string_view archive_name,
              const std::string& complaint) {
  if (why == os::errc::not_a_file)
    return file_error(file_fault::bad_archive, archive_name,
                      complaint.empty() ? "not an archive" : complaint);
  return complaint.empty() ? to_error(why, archive_name)
                           : file_error(fault_of(why), archive_name, complaint);
}

} // namespace

result<os::extracted>
unpack(os::unique_fd archive, std::string_view archive_name,
       const file_place& destination, conflict_strategy conflict,
       os::pending_files& pending, const std::stop_token& stop,
       const on_unpacking& progress) {
  os::extract_options options;
  options.policy = policy_of(conflict);
  auto reader = os::archive_reader::open(std::move(archive), destination.root,
                                         destination.path, options, pending);
  if (!reader)
    return refused(reader.error(), archive_name, {});
  for (bool done = false; !done;) {
    if (stop.stop_requested())
      return file_error(file_fault::timeout, archive_name);
    const auto step = reader->step();
    if (!step)
      return refused(step.error(), archive_name, reader->complaint());
    done = step->done;
    if (progress && step->size > 0)
      progress(static_cast<double>(step->read) /
               static_cast<double>(step->size));
  }
  auto done = reader->finish();
  if (!done)
    return refused(done.error(), archive_name, reader->complaint());
  return std::move(*done);
}

file_entry to_entry(const os::extracted_file& each, std::string path) {
  file_entry entry;
  entry.path = std::move(path);
  entry.size = each.size;
  entry.modified_ns = each.modified_ns;
  return entry;
}

result<archive_spool> archive_spool::open(const file_place& destination,
                                          os::pending_files& pending) {
  auto fd = os::open_spool(destination.root, destination.path, pending);
  if (!fd)
    return to_error(fd.error(), destination.spelling);
  return archive_spool{std::move(*fd), destination.spelling};
}

result<void> archive_spool::take(std::string_view piece) {
  if (auto failed = os::write_all(fd_.get(), piece))
    return to_error(failed, spelling_);
  return {};
}

} // namespace outrigger
