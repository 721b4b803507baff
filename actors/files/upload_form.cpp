// Files that come as a form (multipart/form-data), each straight into a new
// file beside its target; see file_calls.hpp.
//
//   pieces ─► multipart_parser ─► upload_form ─► file_writer, one per file
//                                     └────────► archive_spool, for archives
//
// What a form says of all its files (target folder, conflicts, archives) may
// come behind them, so everything gets its place when the form is complete,
// unless there are many files.

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/files/unpack.hpp"
#include "actors/os/files/file_read.hpp"
#include "protocol/ascii.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/runtime_answers.hpp"
#include "protocol/multipart.hpp"

namespace outrigger {
namespace {

/// A field that is not a file.
constexpr std::size_t longest_field = 8 * 1024;

/// Open at a time: then the first ones get their places, and no more is to be
/// said of all.
constexpr std::size_t most_open = 64;

constexpr std::size_t copy_size = 256 * 1024;

/// Fields that say something of all files.
constexpr std::array<std::string_view, 4> about_all{
    "targetPath", "conflictStrategy", "archiveAction", "keepArchive"};

bool is_about_all(std::string_view name) {
  return std::find(about_all.begin(), about_all.end(), name) != about_all.end();
}

bool is_archive(std::string_view name) {
  const auto lower = ascii::lower(name);
  for (const std::string_view ending :
       {".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"})
    if (lower.size() > ending.size() && lower.ends_with(ending))
      return true;
  return false;
}

/// Without folders: some browsers send them, with either separator.
std::string base_name(std::string_view filename) {
  return std::string{filename.substr(filename.find_last_of("/\\") + 1)};
}

/// One file of the form that has no place yet.
struct arrived {
  std::string name;
  std::optional<os::file_writer> writer; // its target is known
  std::optional<archive_spool> spool;    // an archive, or not known yet
};

class upload_form final : public body_consumer, private multipart_listener {
public:
  upload_form(file_context context, rest_call call, multipart_parser parser)
      : context_{std::move(context)}, call_{std::move(call)}, parser_{std::move(
                                                                  parser)} {
    for (const auto name : about_all)
      if (const auto* value = call_.target.find(name))
        fields_[std::string{name}] = *value;
  }

  result<void> take(std::string piece) override {
    return parser_.feed(piece, *this);
  }

  result<rest_answer> finish(std::stop_token stop) override {
    stop_ = std::move(stop);
    if (auto whole = parser_.finish(); !whole)
      return whole.error();
    if (files_ == 0)
      return error{errc::malformed, "upload: there is no file in the form"};
    if (auto ok = check_fields(); !ok)
      return ok.error();
    while (!waiting_.empty())
      if (auto ok = place_first(); !ok)
        return ok.error();
    return rest_answer{201, to_json(report_)};
  }

  pace finishing() const override { return pace::slow; }

private:
  // -- what the parser tells ------------------------------------------------

  result<void> part_began(const multipart_part& part) override {
    field_.reset();
    if (part.filename)
      return begin_file(*part.filename);
    if (is_about_all(part.name)) {
      if (fields_.contains(part.name))
        return refuse(part.name, "comes twice");
      if (files_ > waiting_.size()) // some have got their places
        return refuse(part.name, "must come before so many files");
    }
    field_ = part.name;
    fields_[*field_].clear();
    return {};
  }

  result<void> part_data(std::string_view bytes) override {
    if (field_) {
      auto& value = fields_[*field_];
      if (value.size() + bytes.size() > longest_field)
        return error{errc::too_large, "upload: a field over 8 KiB"};
      value += bytes;
      return {};
    }
    auto& file = waiting_.back();
    if (file.spool)
      return file.spool->take(bytes);
    if (auto failed = file.writer->write(bytes))
      return to_error(failed, file.name);
    return {};
  }

  result<void> part_ended() override { return {}; }

  static error refuse(std::string_view field, std::string_view why) {
    return {errc::malformed,
            std::string{"upload: "}.append(field).append(" ").append(why)};
  }

  // -- files ----------------------------------------------------------------

  result<void> begin_file(std::string_view filename) {
    const auto name = base_name(filename);
    if (name.empty() || name == "." || name == "..")
      return file_error(file_fault::bad_filename, filename);
    if (auto ok = check_known_fields(); !ok) // before a folder is made
      return ok;
    if (waiting_.size() >= most_open) { // the first of many
      if (auto ok = check_fields(); !ok)
        return ok;
      if (auto ok = place_first(); !ok)
        return ok;
    }
    ++files_;
    arrived file{name, std::nullopt, std::nullopt};
    const auto target = fields_.find("targetPath");
    if (target == fields_.end() || is_archive(name)) {
      // Where it waits does not matter, as long as it is allowed.
      auto place = locate_workspace(context_, call_,
                                    target == fields_.end() ? std::string{"/"}
                                                            : target->second,
                                    right::use);
      if (!place)
        return place.error();
      auto spool = archive_spool::open(*place, *context_.pending);
      if (!spool)
        return spool.error();
      file.spool = std::move(*spool);
    } else {
      auto writer = begin_writer(name);
      if (!writer)
        return writer.error();
      file.writer = std::move(*writer);
    }
    waiting_.push_back(std::move(file));
    return {};
  }

  result<os::file_writer> begin_writer(const std::string& name) {
    auto place = locate_file(name);
    if (!place)
      return place.error();
    const auto conflict = parse_conflict_strategy(field("conflictStrategy"));
    if (!conflict)
      return conflict.error();
    os::write_options how;
    how.create_folders = true;
    how.condition.only_new = *conflict != conflict_strategy::overwrite;
    how.number_if_taken = *conflict == conflict_strategy::rename;
    auto writer = os::file_writer::begin(place->root, place->path, how,
                                         *context_.pending);
    if (!writer)
      return to_error(writer.error(), place->spelling);
    return std::move(*writer);
  }

  result<file_place> locate_file(const std::string& name) {
    const auto folder = field("targetPath");
    return locate_workspace(context_, call_,
                            join_path(folder.empty() ? "/" : folder, name),
                            right::use);
  }

  // -- places ---------------------------------------------------------------

  result<void> check_fields() {
    if (fields_.find("targetPath") == fields_.end())
      return refuse("targetPath", "is missing");
    return check_known_fields();
  }

  /// Those that have come so far.
  result<void> check_known_fields() {
    const auto action = field("archiveAction");
    if (!action.empty() && action != "store" && action != "extract")
      return file_error(file_fault::bad_action, action, "store or extract");
    const auto conflict = parse_conflict_strategy(field("conflictStrategy"));
    if (!conflict)
      return conflict.error();
    return {};
  }

  result<void> place_first() {
    auto file = std::move(waiting_.front());
    waiting_.pop_front();
    if (file.writer)
      return commit(file.name, *file.writer);
    auto archive = file.spool->release();
    const bool extract =
        field("archiveAction") == "extract" && is_archive(file.name);
    if (!extract || is_true(field("keepArchive")))
      if (auto ok = store(file.name, archive.get()); !ok)
        return ok;
    return extract ? unpack_it(file.name, std::move(archive)) : result<void>{};
  }

  result<void> commit(const std::string& name, os::file_writer& writer) {
    const auto written = writer.commit();
    if (!written)
      return to_error(written.error(), name);
    report_.uploaded.push_back(
        to_entry(*written, join_path(shown_folder(), writer.name())));
    return {};
  }

  result<void> store(const std::string& name, int from) {
    auto writer = begin_writer(name);
    if (!writer)
      return writer.error();
    for (std::uint64_t offset = 0;;) {
      const auto piece = os::read_at(from, offset, copy_size);
      if (!piece)
        return to_error(piece.error(), name);
      if (piece->empty())
        return commit(name, *writer);
      if (auto failed = writer->write(*piece))
        return to_error(failed, name);
      offset += piece->size();
    }
  }

  result<void> unpack_it(const std::string& name, os::unique_fd archive) {
    auto place =
        locate_workspace(context_, call_, field("targetPath"), right::use);
    if (!place)
      return place.error();
    const auto conflict = parse_conflict_strategy(field("conflictStrategy"));
    const auto done = unpack(std::move(archive), name, *place, *conflict,
                             *context_.pending, stop_, {});
    if (!done)
      return done.error();
    for (const auto& each : done->listed)
      report_.extracted.push_back(
          to_entry(each, join_path(shown_folder(), each.path)));
    return {};
  }

  // -- fields ---------------------------------------------------------------

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto it = fields_.find(name);
    return it == fields_.end() ? std::string{} : it->second;
  }

  static bool is_true(std::string_view text) {
    const auto lower = ascii::lower(text);
    return lower == "true" || lower == "1" || lower == "on" || lower == "yes";
  }

  /// As the client wrote it: what is below the top has no slash in front then.
  [[nodiscard]] std::string shown_folder() const {
    auto folder = field("targetPath");
    while (folder.ends_with('/'))
      folder.pop_back();
    return folder;
  }

  static std::string join_path(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string{name}
                          : outrigger::join_path(folder, name);
  }

  file_context context_;
  rest_call call_;
  multipart_parser parser_;
  std::map<std::string, std::string> fields_;
  std::optional<std::string> field_; // that is arriving; null: a file is
  std::deque<arrived> waiting_;
  std::size_t files_ = 0;
  upload_report report_;
  std::stop_token stop_;
};

} // namespace

result<std::unique_ptr<body_consumer>>
runtime_upload(const file_context& context, const rest_call& call) {
  auto parser = multipart_parser::begin(call.fields.content_type);
  if (!parser)
    return parser.error();
  return std::make_unique<upload_form>(context, call, std::move(*parser));
}

} // namespace outrigger
