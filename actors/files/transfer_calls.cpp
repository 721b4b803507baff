// Whole trees as tar.gz, both ways, and archives that are unpacked where they
// lie; see file_calls.hpp.

#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/files/unpack.hpp"
#include "actors/os/files/archive_writer.hpp"
#include "actors/os/files/file_read.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/glob.hpp"
#include "protocol/files/oblien_files.hpp"
#include "protocol/files/runtime_answers.hpp"

namespace outrigger {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// -- packing ------------------------------------------------------------------

class archive_producer final : public body_producer {
public:
  explicit archive_producer(os::archive_writer writer)
      : writer_{std::move(writer)} {}

  result<std::string> produce(const std::stop_token&) override {
    auto piece = writer_.produce();
    if (!piece)
      return to_error(piece.error(), "archive");
    if (piece->empty())
      log_left_out();
    return std::move(*piece);
  }

private:
  void log_left_out() const {
    const auto& out = writer_.left_out();
    if (out.count > 0)
      spdlog::warn("download: {} entries are not in the archive, the first is "
                   "{}: {}",
                   out.count, out.first.front().name,
                   out.first.front().why.message());
  }

  os::archive_writer writer_;
};

// -- unpacking what arrives ---------------------------------------------------

class transfer final : public body_consumer {
public:
  transfer(std::shared_ptr<os::pending_files> pending, file_place place,
           archive_spool spool)
      : pending_{std::move(pending)}, place_{std::move(place)},
        spool_{std::move(spool)} {}

  result<void> take(std::string piece) override { return spool_.take(piece); }

  result<rest_answer> finish(std::stop_token stop) override {
    const auto done = unpack(spool_.release(), "the upload", place_,
                             conflict_strategy::overwrite, *pending_, stop, {});
    if (!done)
      return done.error();
    return rest_answer{200, extracted_to_json(place_.shown, done->files)};
  }

  pace finishing() const override { return pace::slow; }

private:
  std::shared_ptr<os::pending_files> pending_; // outlives the spool
  file_place place_;
  archive_spool spool_;
};

// -- unpacking what is there --------------------------------------------------

/// Runs to its end on a thread for slow work, and says how far it is.
void extract(const file_context& context, operation_report report,
             const extract_body& body, const file_place& archive,
             const file_place& target, const std::stop_token& stop) {
  const auto over = [&](operation_state state) {
    report.state = state;
    report.completed_ns = now_ns();
    context.extractions->update(report);
  };
  report.state = operation_state::running;
  report.message = "Extracting " + archive.shown;
  context.extractions->update(report);
  auto file = os::open_regular(archive.root, archive.path);
  result<os::extracted> done = os::extracted{};
  if (file)
    done = unpack(std::move(file->fd), archive.spelling, target, body.conflict,
                  *context.pending, stop, [&](double progress) {
                    report.progress = progress;
                    context.extractions->update(report);
                  });
  else
    done = to_error(file.error(), archive.spelling);
  if (!done) {
    report.error = done.error().detail;
    report.message = "Extraction failed";
    return over(operation_state::failed);
  }
  report.progress = 1;
  report.message = std::to_string(done->files) + " files extracted";
  for (const auto& each : done->listed)
    report.extracted.push_back(to_entry(each, target.shown_below(each.path)));
  over(operation_state::completed);
}

} // namespace

result<rest_answer> oblien_download(const file_context& context,
                                    const rest_call& call, std::stop_token) {
  auto body = parse_download_body(call.body);
  if (!body)
    return body.error();
  std::vector<os::archive_source> sources;
  for (const auto& path : body->paths) {
    auto place = locate_machine(context, call, path, right::view);
    if (!place)
      return place.error();
    // What is in a folder, rather than the folder.
    const bool content = path == "." || path.ends_with("/.");
    auto below = place->path;
    if (content)
      below = below.empty() ? "." : below + "/.";
    sources.push_back({place->root, std::move(below)});
  }
  os::archive_options options;
  if (!body->exclude.empty())
    options.exclude = [globs = body->exclude](std::string_view path, bool) {
      for (const auto& glob : globs)
        if (glob_match(glob, name_of(path)) || glob_match(glob, path))
          return true;
      return false;
    };
  auto writer = os::archive_writer::begin(std::move(sources), options);
  if (!writer)
    return to_error(writer.error(), body->paths.front());
  rest_answer answer;
  answer.type = "application/gzip";
  answer.fields.emplace_back("Content-Disposition",
                             "attachment; filename=\"files.tar.gz\"");
  answer.source =
      make_source(context.pool, pace::quick,
                  std::make_unique<archive_producer>(std::move(*writer)));
  return answer;
}

result<std::unique_ptr<body_consumer>>
oblien_upload(const file_context& context, const rest_call& call) {
  const auto* dest = call.target.find("dest");
  auto place =
      locate_machine(context, call, dest ? *dest : std::string{}, right::use);
  if (!place)
    return place.error();
  auto spool = archive_spool::open(*place, *context.pending);
  if (!spool)
    return spool.error();
  return std::make_unique<transfer>(context.pending, std::move(*place),
                                    std::move(*spool));
}

result<rest_answer> runtime_extract(const file_context& context,
                                    const rest_call& call, std::stop_token) {
  auto body = parse_extract_body(call.body);
  if (!body)
    return body.error();
  auto archive = locate_workspace(context, call, body->archive, right::view);
  if (!archive)
    return archive.error();
  const auto folder = body->target.empty()
                          ? std::string{folder_of(archive->shown)}
                          : body->target;
  auto target = locate_workspace(context, call, folder, right::use);
  if (!target)
    return target.error();
  auto report =
      context.extractions->begin("Extraction of " + archive->shown, now_ns());
  if (!report)
    return file_error(file_fault::limit, archive->spelling,
                      "too many extractions run already");
  context.pool->post(
      pace::slow,
      [context, report = *report, body = std::move(*body),
       archive = std::move(*archive),
       target = std::move(*target)](std::stop_token stop) {
        extract(context, report, body, archive, target, stop);
        return result<rest_answer>{rest_answer{}};
      },
      [all = context.extractions,
       report = *report](const result<rest_answer>& done) mutable {
        if (done)
          return;
        report.state = operation_state::failed;
        report.error = done.error().detail;
        all->update(report);
      });
  return rest_answer{202, accepted_to_json(*report)};
}

result<rest_answer> runtime_extract_show(const file_context& context,
                                         const rest_call& call,
                                         std::stop_token) {
  if (const auto report = context.extractions->find(call.id))
    return rest_answer{200, to_json(*report)};
  return file_error(file_fault::no_operation, call.id);
}

} // namespace outrigger
