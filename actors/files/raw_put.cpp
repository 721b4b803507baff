// PUT of a file's bytes, of any size: into a new file that takes the old one's
// place when it is complete, or into the file itself, at its end or at an
// offset.

#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/os/files/in_place_writer.hpp"
#include "protocol/files/runtime_answers.hpp"
#include "protocol/files/runtime_requests.hpp"

namespace outrigger {
namespace {

rest_answer answer_of(const file_entry& file, bool created) {
  rest_answer answer{created ? 201u : 200u, put_to_json(file, {})};
  add_version(answer, file);
  return answer;
}

class whole_file final : public body_consumer {
public:
  whole_file(std::shared_ptr<os::pending_files> pending, file_place place,
             expectation expected, os::file_writer writer)
      : pending_{std::move(pending)}, place_{std::move(place)},
        expected_{std::move(expected)}, writer_{std::move(writer)} {}

  result<void> take(std::string piece) override {
    if (auto failed = writer_.write(piece))
      return to_error(failed, place_.spelling);
    return {};
  }

  result<rest_answer> finish(std::stop_token) override {
    const auto written = writer_.commit();
    if (!written)
      return write_error(written.error(), place_, expected_);
    return answer_of(to_entry(*written, place_.shown), !writer_.replaces());
  }

private:
  std::shared_ptr<os::pending_files> pending_; // outlives the writer
  file_place place_;
  expectation expected_;
  os::file_writer writer_;
};

/// Each piece is written where it belongs as it comes.
class file_in_place final : public body_consumer {
public:
  file_in_place(file_place place, expectation expected, os::ranged_write how)
      : place_{std::move(place)}, expected_{std::move(expected)},
        writer_{place_.root, place_.path, std::move(how)} {}

  result<void> take(std::string piece) override {
    if (auto failed = writer_.write(piece))
      return write_error(failed, place_, expected_);
    return {};
  }

  result<rest_answer> finish(std::stop_token) override {
    const auto written = writer_.commit();
    if (!written)
      return write_error(written.error(), place_, expected_);
    return answer_of(to_entry(*written, place_.shown), writer_.made());
  }

private:
  file_place place_;
  expectation expected_;
  os::in_place_writer writer_;
};

} // namespace

result<std::unique_ptr<body_consumer>>
runtime_raw_put(const file_context& context, const rest_call& call) {
  const auto query = parse_raw_put(call.target, call.id);
  if (!query)
    return query.error();
  auto place = locate_workspace(context, call, query->path, right::use);
  if (!place)
    return place.error();
  auto expected = expect(call, query->expected_version);
  if (!expected)
    return expected.error();
  if (query->append || query->offset) {
    os::ranged_write how;
    how.offset = query->offset;
    how.durable = query->durable;
    how.create = true;
    how.create_folders = true;
    how.condition = expected->condition;
    return std::make_unique<file_in_place>(std::move(*place),
                                           std::move(*expected), how);
  }
  os::write_options how;
  how.create_folders = true;
  how.durable = query->durable;
  how.condition = expected->condition;
  auto writer =
      os::file_writer::begin(place->root, place->path, how, *context.pending);
  if (!writer)
    return write_error(writer.error(), *place, *expected);
  return std::make_unique<whole_file>(context.pending, std::move(*place),
                                      std::move(*expected), std::move(*writer));
}

} // namespace outrigger
