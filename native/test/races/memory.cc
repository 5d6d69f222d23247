// Memory that one thread takes and another gives back, under limits that a third one changes.
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <vector>

#include "core/buffer.h"
#include "core/error.h"
#include "core/faults.h"
#include "core/pages.h"
#include "test/races/race.h"

namespace gdf::races {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 400;
/// Of the allocator, of small pages, and of huge ones.
constexpr size_t kSizes[] = {100, 5000, 200 << 10, 256 << 10, 300 << 10, 1 << 20, 5 << 20};

struct Filled {
  BufferPtr buffer;
  uint8_t mark;
};

class Queue {
 public:
  void push(Filled filled) {
    std::lock_guard lock(mutex_);
    items_.push_back(std::move(filled));
    added_.notify_one();
  }
  Filled pop() {
    std::unique_lock lock(mutex_);
    added_.wait(lock, [this] { return !items_.empty(); });
    Filled filled = std::move(items_.front());
    items_.pop_front();
    return filled;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<Filled> items_;
};

/// First, last and every 4096th byte: each page, in time for a sanitizer.
bool holdsMark(const Filled& filled) {
  const uint8_t* bytes = filled.buffer->data();
  const size_t size = filled.buffer->size();
  for (size_t i = 0; i < size; i += 4096) {
    if (bytes[i] != filled.mark) return false;
  }
  return bytes[size - 1] == filled.mark;
}

void mark(const Filled& filled) {
  uint8_t* bytes = filled.buffer->data();
  for (size_t i = 0; i < filled.buffer->size(); i += 4096) bytes[i] = filled.mark;
  bytes[filled.buffer->size() - 1] = filled.mark;
}

// Threads in a ring: each fills buffers for the next one, which looks at them and frees them.
void passedOn() {
  const size_t before = Buffer::bytesInUse();
  std::vector<Queue> queues(kThreads);
  together(kThreads + 1, [&](int index) {
    if (index == kThreads) {
      for (int round = 0; round < kRounds; ++round) {
        limitFreePages(round % 3 == 0 ? 0 : size_t{1} << (16 + round % 10));
        if (round % 5 == 0) trimFreePages(round % 10 == 0 ? 0 : size_t{1} << 20);
      }
      return;
    }
    Random random(static_cast<uint64_t>(index));
    std::vector<Filled> shared;
    for (int round = 0; round < kRounds; ++round) {
      Filled filled{Buffer::allocate(kSizes[random.below(std::size(kSizes))]), static_cast<uint8_t>(random.next())};
      mark(filled);
      // Some have two owners, on two threads: the last one frees them.
      if (round % 4 == 0) shared.push_back(filled);
      queues[static_cast<size_t>((index + 1) % kThreads)].push(std::move(filled));
      const Filled received = queues[static_cast<size_t>(index)].pop();
      check(holdsMark(received), "a buffer holds what was written");
      if (shared.size() > 3) shared.clear();
    }
  });
  check(Buffer::bytesInUse() == before, "all buffers are freed");
  limitFreePages(size_t{64} << 20);
}

void faults() {
  const size_t before = Buffer::bytesInUse();
  int64_t failed = 0;
  int64_t seen = 0;
  std::mutex mutex;
  for (int64_t first = 1; first <= 40; ++first) {
    together(2, [&](int index) {
      if (index == 0) failAllocations(first, 3);
      for (int round = 0; round < 20; ++round) {
        try {
          const BufferPtr buffer = Buffer::allocate(kSizes[static_cast<size_t>(round + index) % std::size(kSizes)]);
          buffer->data()[0] = 1;
        } catch (const KernelError& error) {
          std::lock_guard lock(mutex);
          seen += error.code == "MEMORY_BUDGET" ? 1 : 0;
        } catch (const std::bad_alloc&) {
          std::lock_guard lock(mutex);
          seen += 1;
        }
      }
    });
    failed += failAllocations(0, 0);
  }
  check(failed > 0, "allocations fail");
  // Making the error may fail, too.
  check(seen > 0 && seen <= failed, "as errors: " + std::to_string(seen) + " of " + std::to_string(failed));
  check(Buffer::bytesInUse() == before, "a failed allocation holds nothing");
}

const Test kPassedOn("buffers of other threads", passedOn);
const Test kFaults("allocations that fail", faults);

}  // namespace
}  // namespace gdf::races
