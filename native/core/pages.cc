#include "core/pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <new>

namespace gdf {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;

/// A freed run; it lies in the run itself, so that giving one back never allocates. It is in two lists: of all runs, by
/// when they were freed, and of those of its size.
struct Run {
  Run* older;
  Run* newer;
  Run* olderOfSize;
  Run* newerOfSize;
  size_t size;
};

/// The sizes of runs are multiples of an eighth of their highest bit: its place and the next three bits tell them
/// apart.
size_t sizeClass(size_t size) {
  const int exponent = std::bit_width(size) - 1;
  return static_cast<size_t>(exponent) * 8 + ((size >> (exponent - 3)) & 7);
}

constexpr size_t kSizeClasses = size_t{64} * 8;

struct FreeRuns {
  std::mutex mutex;
  Run* newest = nullptr;
  Run* oldest = nullptr;
  std::array<Run*, kSizeClasses> newestOfSize{};
  size_t bytes = 0;
  size_t limit = size_t{64} << 20;

  void add(Run* run) {
    run->older = newest;
    run->newer = nullptr;
    (newest == nullptr ? oldest : newest->newer) = run;
    newest = run;
    Run*& newestAlike = newestOfSize[sizeClass(run->size)];
    run->olderOfSize = newestAlike;
    run->newerOfSize = nullptr;
    if (newestAlike != nullptr) newestAlike->newerOfSize = run;
    newestAlike = run;
    bytes += run->size;
  }

  void remove(Run* run) {
    (run->newer == nullptr ? newest : run->newer->older) = run->older;
    (run->older == nullptr ? oldest : run->older->newer) = run->newer;
    (run->newerOfSize == nullptr ? newestOfSize[sizeClass(run->size)] : run->newerOfSize->olderOfSize) =
        run->olderOfSize;
    if (run->olderOfSize != nullptr) run->olderOfSize->newerOfSize = run->newerOfSize;
    bytes -= run->size;
  }

  Run* find(size_t size) const { return newestOfSize[sizeClass(size)]; }
};

// Never destroyed: at process exit buffers may still be freed.
FreeRuns& freeRuns() {
  static auto* free = new FreeRuns();
  return *free;
}

bool isHuge(size_t bytes) {
  return bytes >= 2 * kHugePage;
}

size_t roundUp(size_t value, size_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// Sizes in steps of an eighth, so that results of nearly one size use each other's runs. What no value needs is not
/// touched.
size_t runSize(size_t bytes) {
  return roundUp(bytes, std::max(isHuge(bytes) ? kHugePage : kPage, std::bit_floor(bytes) / 8));
}

uint8_t* mapPages(size_t size) {
  const size_t slack = isHuge(size) ? kHugePage : 0;
  void* mapped = mmap(nullptr, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* data = static_cast<uint8_t*>(mapped);
  if (slack == 0) return data;
  const size_t before = roundUp(reinterpret_cast<uintptr_t>(data), kHugePage) - reinterpret_cast<uintptr_t>(data);
  if (before > 0) munmap(data, before);
  if (before < slack) munmap(data + before + size, slack - before);
#ifdef MADV_HUGEPAGE
  madvise(data + before, size, MADV_HUGEPAGE);
#endif
  return data + before;
}

/// The oldest runs go until so many bytes are left.
void unmapBeyond(size_t limit) {
  FreeRuns& free = freeRuns();
  for (;;) {
    Run* run = nullptr;
    {
      std::lock_guard lock(free.mutex);
      if (free.bytes <= limit) return;
      run = free.oldest;
      free.remove(run);
    }
    // With the lock open: it takes a millisecond for 16 MiB of small pages.
    munmap(run, run->size);
  }
}

}  // namespace

uint8_t* takePages(size_t bytes) {
  const size_t size = runSize(bytes);
  FreeRuns& free = freeRuns();
  {
    std::lock_guard lock(free.mutex);
    if (Run* run = free.find(size); run != nullptr) {
      free.remove(run);
      return reinterpret_cast<uint8_t*>(run);
    }
  }
  uint8_t* data = mapPages(size);
  if (data != nullptr) return data;
  trimFreePages();
  return mapPages(size);
}

void givePages(uint8_t* data, size_t bytes) {
  const size_t size = runSize(bytes);
  FreeRuns& free = freeRuns();
  size_t limit = 0;
  {
    std::lock_guard lock(free.mutex);
    limit = free.limit;
    if (size <= limit)
      free.add(new (data) Run{
          .older = nullptr, .newer = nullptr, .olderOfSize = nullptr, .newerOfSize = nullptr, .size = size});
  }
  if (size > limit) {
    munmap(data, size);
  } else {
    unmapBeyond(limit);
  }
}

void limitFreePages(size_t bytes) {
  std::lock_guard lock(freeRuns().mutex);
  freeRuns().limit = bytes;
}

size_t freePageBytes() {
  std::lock_guard lock(freeRuns().mutex);
  return freeRuns().bytes;
}

void trimFreePages(size_t left) {
  unmapBeyond(left);
}

}  // namespace gdf
