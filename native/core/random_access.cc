#include "core/random_access.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "core/pooled.h"

namespace gdf {
namespace {

double measure() {
  constexpr size_t kWords = kRandomAccessBytes / sizeof(uint64_t);
  constexpr int kAdditions = 1 << 15;
  constexpr int kTries = 8;
  Pooled<uint64_t> words(kWords, 0);
  uint64_t place = 1;
  double best = std::numeric_limits<double>::infinity();
  // The least of several tries: other threads and other processes only ever add to it.
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kAdditions; ++i) {
      // Knuth's generator (MMIX); its high bits are its best.
      place = place * 6364136223846793005u + 1442695040888963407u;
      words[place >> 44 & (kWords - 1)] += 1;
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / kAdditions);
  }
  // What was added is looked at, so that it has to be.
  return std::find(words.begin(), words.end(), 1) == words.end() ? best * (1 + 1e-9) : best;
}

}  // namespace

double randomAccessCost() {
  static const double cost = measure();
  return cost;
}

}  // namespace gdf
