// Folders watched by the real kernel, with a loop the test runs itself, and a
// record of what was told.
#pragma once

#include "actors/os/files/folder_watches.hpp"
#include "tests/os/file_tree.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace outrigger::os::test {

/// What one listener was told.
struct news_record {
  std::vector<folder_change> changes;
  std::vector<watch_ready> ready;
  std::vector<watch_degraded> degraded;
  int lost = 0;
  int gone = 0;
  /// Kept, so that the queue is not read on, when the test says so.
  std::vector<changes_ptr> held;
  bool hold = false;

  void take(const folder_news& news);
  [[nodiscard]] std::vector<std::string> told() const;
  [[nodiscard]] bool was_told(const std::string& what) const;
  /// How often.
  [[nodiscard]] std::size_t times(const std::string& what) const;
};

/// Leaves out names it was given.
class name_filter final : public watch_filter {
public:
  explicit name_filter(std::set<std::string> names)
      : names_{std::move(names)} {}
  [[nodiscard]] bool leaves_out(std::string_view folder,
                                std::string_view name) const override;

private:
  std::set<std::string> names_;
};

class watch_fixture {
public:
  struct watch {
    std::shared_ptr<news_record> seen = std::make_shared<news_record>();
    std::optional<folder_watches::interest> interest;
  };

  explicit watch_fixture(storage where = storage::disk);
  ~watch_fixture();

  /// Quick: what takes seconds takes moments.
  static watch_settings quick();
  /// Begins anew with other settings.
  void use(const watch_settings& settings);

  /// Watches a folder in the root, without waiting.
  watch begin(const std::string& folder = "",
              std::shared_ptr<const watch_filter> filter = nullptr,
              const std::string& key = "");
  /// The same, and waits until it is ready.
  watch open(const std::string& folder = "",
             std::shared_ptr<const watch_filter> filter = nullptr,
             const std::string& key = "");

  /// Runs the loop until it is so; false when that takes too long.
  [[nodiscard]] bool until(const std::function<bool()>& is_so);
  /// Waits until a change made after everything else was told.
  void settle(const watch& of, const std::string& folder = "");

  file_tree tree;
  boost::asio::io_context loop{1};
  std::unique_ptr<worker_pool> workers;
  std::unique_ptr<folder_watches> watches;

private:
  int marks_ = 0;
};

/// "created a/b", "created a/b/" for a folder.
[[nodiscard]] std::string text_of(const folder_change& change);

/// Makes all folders of a path in the root.
void make_folders(const file_tree& tree, const std::string& path);

} // namespace outrigger::os::test
