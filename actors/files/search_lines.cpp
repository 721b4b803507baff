// The work of a search for lines, by ripgrep or by ourselves.

#include <optional>
#include <string>
#include <utility>

#include "actors/files/rg_findings.hpp"
#include "actors/files/search_place.hpp"
#include "actors/files/search_work.hpp"
#include "actors/os/files/file_read.hpp"
#include "actors/os/program_path.hpp"
#include "protocol/files/line_scanner.hpp"
#include "protocol/files/rg_command.hpp"

namespace outrigger {
namespace {

constexpr std::size_t block_size = std::size_t{64} * 1024;

/// A file being searched by ourselves.
struct file_scan {
  std::string path; // below the folder
  os::open_file file;
  line_scanner scanner;
  std::uint64_t offset = 0;
};

class line_search final : public search_work {
public:
  line_search(search_request request, file_place place)
      : request_{std::move(request)}, wanted_{std::move(place)},
        found_{request_.max_results} {}

  result<void> begin() override {
    auto place = find_search_place(wanted_);
    if (!place)
      return place.error();
    place_ = std::move(*place);
    return {};
  }

  std::optional<program_call> program(std::string_view path) override {
    const auto rg = os::find_program("rg", path);
    if (rg.empty())
      return std::nullopt;
    findings_.emplace(*place_, request_.filter, found_);
    return program_call{rg_arguments(request_, rg, place_->name),
                        place_->folder.path()};
  }

  result<void> take(std::string_view printed) override {
    return findings_->take(printed);
  }

  bool is_complete() const override {
    return findings_ && findings_->is_complete();
  }

  result<void> begin_own() override {
    findings_.reset();
    found_ = search_results{request_.max_results};
    auto matcher = line_matcher::make(request_.pattern);
    if (!matcher)
      return matcher.error();
    matcher_ = std::move(*matcher);
    if (!place_->name.empty()) {
      open(place_->name, os::open_regular(place_->folder, place_->name));
      return {};
    }
    filter_.emplace(walk_filter_of(*place_, request_.filter));
    auto walk = begin_walk(*place_, *filter_);
    if (!walk)
      return walk.error();
    walk_ = std::move(*walk);
    return {};
  }

  bool step(clock::time_point until, std::stop_token stop) override {
    while (!stop.stop_requested() && !is_enough()) {
      if (scan_)
        read_on();
      else if (!next_file())
        return true;
      if (clock::now() >= until)
        return false;
    }
    return true;
  }

  bool is_enough() const override { return found_.capped(); }

  rest_answer answer() const override {
    return {200, search_to_json(request_.pattern.text, wanted_.shown, found_)};
  }

private:
  /// Whether there is something left to look at.
  bool next_file() {
    const auto* entry = walk_ ? walk_->next() : nullptr;
    if (!entry)
      return false;
    if (entry->info.kind == os::file_kind::file)
      open(entry->path, os::open_regular(entry->folder, entry->name()));
    return true;
  }

  /// What cannot be opened, or went meanwhile, is passed over.
  void open(const std::string& path, os::result<os::open_file> file) {
    if (!file || file->info.size > limits::max_searched_file)
      return;
    // One more than can be shown: then there are more.
    scan_.emplace(file_scan{
        path, std::move(*file),
        line_scanner{*matcher_, request_.context_lines, found_.room() + 1}});
  }

  void read_on() {
    const auto block =
        os::read_at(scan_->file.fd.get(), scan_->offset, block_size);
    if (block && !block->empty()) {
      scan_->offset += block->size();
      if (scan_->scanner.feed(*block))
        return;
    }
    found_.add(scan_->path, scan_->scanner.finish());
    scan_.reset();
  }

  search_request request_;
  file_place wanted_;
  std::optional<search_place> place_;
  search_results found_;
  std::optional<rg_findings> findings_;
  // Of the own search, in the order in which they refer to each other.
  std::optional<line_matcher> matcher_;
  std::optional<ignore_filter> filter_;
  std::optional<os::tree_walk> walk_; // none for a single file
  std::optional<file_scan> scan_;
};

} // namespace

std::unique_ptr<search_work> search_lines(search_request request,
                                          file_place place) {
  return std::make_unique<line_search>(std::move(request), std::move(place));
}

} // namespace outrigger
