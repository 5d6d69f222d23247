// The addon's threads without JavaScript, for the thread sanitizer: npm run test:sanitize -- races (native/README.md).
// Arguments name the tests to run; none: all.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <latch>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "test/races/race.h"

namespace gdf::races {
namespace {

struct Entry {
  const char* name;
  void (*body)();
};

std::vector<Entry>& tests() {
  static std::vector<Entry> list;
  return list;
}

std::atomic<int64_t> checks{0};
std::atomic<int64_t> failures{0};
std::mutex printing;

}  // namespace

Test::Test(const char* name, void (*body)()) {
  tests().push_back({name, body});
}

void check(bool holds, const std::string& what) {
  checks.fetch_add(1, std::memory_order_relaxed);
  if (holds) return;
  failures.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard lock(printing);
  std::printf("  FAILED: %s\n", what.c_str());
}

int64_t checkCount() {
  return checks.load();
}

void together(int count, const std::function<void(int)>& body) {
  std::latch start(count);
  std::vector<std::thread> threads;
  for (int index = 0; index < count; ++index) {
    threads.emplace_back([&, index] {
      start.arrive_and_wait();
      body(index);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

uint64_t Random::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace gdf::races

int main(int count, char** arguments) {
  using namespace gdf::races;
  const std::vector<std::string_view> wanted(arguments + 1, arguments + count);
  int run = 0;
  for (const auto& [name, body] : tests()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    const int64_t before = checkCount();
    std::printf("%s\n", name);
    std::fflush(stdout);
    body();
    const int64_t made = checkCount() - before;
    check(made > 0, std::string(name) + " checks nothing");
    std::printf("  %lld checks\n", static_cast<long long>(made));
    run += 1;
  }
  std::printf("%d tests, %lld checks, %lld failed\n", run, static_cast<long long>(checks.load()),
              static_cast<long long>(failures.load()));
  return run > 0 && failures.load() == 0 ? 0 : 1;
}
