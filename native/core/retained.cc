#include "core/retained.h"

#if defined(__GLIBC__)
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>

#include "core/buffer.h"
#include "core/pages.h"

namespace gdf {
namespace {

/// A trim takes a millisecond, and what it gave back faults in again page by page.
constexpr auto kBetweenLooks = std::chrono::milliseconds(20);

std::atomic<size_t> retainedLimit{kNoRetainedLimit};

#if defined(__GLIBC__)

/// Memory in use that no file is behind, as the system counts it; 0 where that is not to be had.
size_t anonymousBytes() {
  static const int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  static const auto pageBytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  char text[128];
  const ssize_t length = statm < 0 ? -1 : pread(statm, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = '\0';
  size_t resident = 0;
  size_t shared = 0;
  if (std::sscanf(text, "%*u %zu %zu", &resident, &shared) != 2) return 0;
  return (resident - std::min(resident, shared)) * pageBytes;
}

size_t bytesBesideBuffers() {
  const size_t counted = Buffer::bytesInUse() + freePageBytes();
  const size_t all = anonymousBytes();
  return all - std::min(all, counted);
}

struct Watch {
  std::mutex mutex;
  std::chrono::steady_clock::time_point lookedAt;
  size_t least = 0;
};

// Never destroyed: jobs may still end at process exit.
Watch& watch() {
  static auto* watch = new Watch();
  return *watch;
}

#endif

}  // namespace

void limitRetained(size_t bytes) {
  retainedLimit.store(bytes, std::memory_order_relaxed);
}

#if defined(__GLIBC__)

void trimRetained() {
  malloc_trim(0);
}

// What malloc says that it keeps does not tell which of it was given back before; the system's count does. It holds the
// JavaScript heap too, and whatever else the process has: where that has grown, one trim is for nothing.
void trimGrownRetained() {
  const size_t limit = retainedLimit.load(std::memory_order_relaxed);
  if (limit == kNoRetainedLimit) return;
  std::unique_lock lock(watch().mutex, std::try_to_lock);
  const auto now = std::chrono::steady_clock::now();
  if (!lock.owns_lock() || now - watch().lookedAt < kBetweenLooks) return;
  watch().lookedAt = now;
  const size_t bytes = bytesBesideBuffers();
  watch().least = std::min(watch().least, bytes);
  if (bytes - watch().least <= limit) return;
  trimRetained();
  watch().least = bytesBesideBuffers();
}

#else

void trimRetained() {}
void trimGrownRetained() {}

#endif

}  // namespace gdf
