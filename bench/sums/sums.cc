// The exact sum of doubles beside a naive one in vectors, one thread, in turns:
//
//   npm run bench -- sums
//
// "ours" is the fold that a sum without keys runs, fed by chunks as the kernel feeds it, its accumulator included;
// "naive" adds in eight vectors, and its result depends on their width. Processor time of each: the least of the turns,
// and their median.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "core/vector.h"
#include "core/faults.h"
#include "kernels/aggregate/fold.h"

namespace gdf {

/// core/allocation.cc belongs to the addon.
bool isAllocationToFail() {
  return false;
}

}  // namespace gdf

namespace {

using gdf::aggregate::Chunk;
using gdf::aggregate::ChunkColumn;
using gdf::aggregate::kChunkRows;
using gdf::aggregate::SumFold;
using gdf::aggregate::SumFormat;

constexpr size_t kCached = (size_t{256} << 10) / sizeof(double);
constexpr size_t kMemory = (size_t{256} << 20) / sizeof(double);

double naiveSum(const double* values, size_t count) {
  using gdf::Doubles;
  using gdf::kVectorLanes;
  Doubles sums[8] = {};
  size_t i = 0;
  for (; i + 8 * kVectorLanes <= count; i += 8 * kVectorLanes) {
    for (size_t j = 0; j < 8; ++j) {
      Doubles x;
      std::memcpy(&x, values + i + kVectorLanes * j, sizeof(x));
      sums[j] += x;
    }
  }
  double sum = 0;
  for (const Doubles& lanes : sums) {
    for (size_t lane = 0; lane < kVectorLanes; ++lane) sum += lanes[lane];
  }
  for (; i < count; ++i) sum += values[i];
  return sum;
}

/// Any doubles, as without statistics.
SumFormat anyDoubles() {
  SumFormat format;
  format.limbs = 34;
  format.lowExponent = -1074;
  format.mayHaveSpecials = true;
  return format;
}

uint64_t exactSum(const double* values, size_t count) {
  const auto fold = gdf::aggregate::makeFloatSum(gdf::Storage::F64, 0, 1, anyDoubles());
  fold->resize(2);
  for (size_t base = 0; base < count; base += kChunkRows) {
    const size_t rows = std::min(kChunkRows, count - base);
    const ChunkColumn column{values + base, nullptr, rows, nullptr};
    fold->add(Chunk{rows, nullptr, nullptr, static_cast<uint32_t>(base), &column});
  }
  fold->settle();
  return fold->state().limbsOf(1)[0] + fold->state().flagsOf(1);
}

struct Times {
  double fastest;
  double median;
};

/// Nanoseconds a value. Few values are added again and again.
struct Contest {
  Times naive;
  Times ours;
};

Contest compare(const double* values, size_t count, int turns) {
  const size_t repeats = std::max<size_t>(1, (size_t{1} << 21) / count);
  const auto time = [&](const auto& sum) {
    const std::clock_t start = std::clock();
    for (size_t i = 0; i < repeats; ++i) {
      volatile auto result = sum(values, count);
      (void)result;
    }
    const double elapsed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return 1e9 * elapsed / static_cast<double>(repeats * count);
  };
  std::vector<double> naive;
  std::vector<double> ours;
  for (int turn = 0; turn < turns; ++turn) {
    naive.push_back(time(naiveSum));
    ours.push_back(time(exactSum));
  }
  const auto timesOf = [](std::vector<double>& all) {
    std::sort(all.begin(), all.end());
    return Times{all.front(), all[all.size() / 2]};
  };
  return {timesOf(naive), timesOf(ours)};
}

using Draw = std::function<double(std::mt19937_64&)>;

struct Case {
  const char* name;
  Draw draw;
};

double uniform(std::mt19937_64& random) {
  return std::ldexp(static_cast<double>(random() >> 11), -53);
}

const Case kCases[] = {
    {"narrow: uniform in [0, 100)", [](auto& random) { return 100 * uniform(random); }},
    {"narrow: normal, both signs", [](auto& random) { return std::normal_distribution<double>()(random); }},
    {"narrow, 1 NaN in 1,000",
     [](auto& random) {
       return random() % 1000 == 0 ? std::numeric_limits<double>::quiet_NaN() : 100 * uniform(random);
     }},
    {"spread: 2^-15 to 2^15", [](auto& random) { return std::exp2(30 * uniform(random) - 15); }},
    {"wide: 2^-20 to 2^20", [](auto& random) { return std::exp2(40 * uniform(random) - 20); }},
    {"full: any exponent",
     [](auto& random) {
       const auto exponent = static_cast<int>(random() % 2000) - 1000;
       return std::ldexp(uniform(random) - 0.5, exponent);
     }},
};

}  // namespace

int main(int argc, char** argv) {
#if defined(__AVX512F__) || defined(__AVX2__)
#if defined(__AVX512F__)
  const bool runs = __builtin_cpu_supports("avx512dq");
#else
  const bool runs = __builtin_cpu_supports("avx2");
#endif
  if (!runs) {
    std::printf("%s: not on this processor\n", GDF_ISA_NAME);
    return 0;
  }
#endif
  const int turns = argc > 1 ? std::atoi(argv[1]) : 15;
  std::printf("%s, ns a value: fastest (median) of %d turns\n", GDF_ISA_NAME, turns);
  std::printf("%-30s %-10s %16s %16s %8s\n", "values", "size", "naive", "ours", "ratio");
  for (const Case& one : kCases) {
    std::mt19937_64 random(1);
    std::vector<double> values(kMemory);
    std::generate(values.begin(), values.end(), [&] { return one.draw(random); });
    for (const size_t count : {kCached, kMemory}) {
      const auto [naive, ours] = compare(values.data(), count, turns);
      std::printf("%-30s %-10s %7.3f (%6.3f) %7.3f (%6.3f) %8.2f\n", one.name, count == kCached ? "256 KiB" : "256 MiB",
                  naive.fastest, naive.median, ours.fastest, ours.median, ours.fastest / naive.fastest);
    }
  }
}
