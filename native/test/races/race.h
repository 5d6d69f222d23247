// What race tests share: a list of tests, checks that count, and threads that all begin at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace gdf::races {

/// Adds a test to those that main() runs.
struct Test {
  Test(const char* name, void (*body)());
};

/// Counts a check, and where it fails prints `what`. Safe on any thread.
void check(bool holds, const std::string& what);
int64_t checkCount();

/// body(index) on `count` threads of its own, which begin together; returns when all have ended.
void together(int count, const std::function<void(int index)>& body);

/// splitmix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  /// In [0, bound).
  uint64_t below(uint64_t bound) { return next() % bound; }

 private:
  uint64_t state_;
};

}  // namespace gdf::races
