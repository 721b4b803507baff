#include "net/file_pieces.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

#include "net/blocking_job.hpp"

namespace outrigger {
namespace {

/// One read on the other thread.
struct file_read {
  std::shared_ptr<const int> file;
  std::uint64_t offset;
  std::size_t size;
  std::string bytes = {};
  int error = 0;

  void run() {
    bytes.resize(size);
    std::size_t got = 0;
    while (got < bytes.size()) {
      const auto n = ::pread(*file, bytes.data() + got, bytes.size() - got,
                             static_cast<off_t>(offset + got));
      if (n > 0)
        got += static_cast<std::size_t>(n);
      else if (n == 0)
        break;
      else if (errno != EINTR) {
        error = errno;
        break;
      }
    }
    bytes.resize(got);
  }
};

class pieces final : public body_source,
                     public std::enable_shared_from_this<pieces> {
public:
  pieces(server_context& context, file_body file)
      : context_{context}, file_{std::move(file)} {}

  void next(std::function<void(result<std::string>)> piece) override {
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(file_.size, limits::max_body_piece));
    if (size == 0)
      return piece(std::string{});
    auto job = std::make_shared<file_read>(
        file_read{file_.descriptor, file_.offset, size});
    run_job(
        context_, [job] { job->run(); },
        [self = shared_from_this(), job, piece = std::move(piece)] {
          piece(self->take(*job));
        });
  }

private:
  result<std::string> take(file_read& job) {
    if (job.error != 0)
      return error{errc::internal,
                   "read a file: " +
                       boost::system::system_category().message(job.error)};
    if (job.bytes.size() < job.size)
      return error{errc::internal, "the file has become shorter"};
    file_.offset += job.size;
    file_.size -= job.size;
    return std::move(job.bytes);
  }

  server_context& context_;
  file_body file_; // what is left of it
};

} // namespace

std::shared_ptr<body_source> file_pieces(server_context& context,
                                         file_body file) {
  return std::make_shared<pieces>(context, std::move(file));
}

} // namespace outrigger
