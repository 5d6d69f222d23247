// Many kernels at once, each of which wants more threads than its share: the digests are those of one thread alone.
// Then the same while calls are cancelled from other threads, and while allocations fail.
#include "core/buffer.h"
#include "core/cancellation.h"
#include "core/error.h"
#include "core/faults.h"
#include "test/races/query.h"
#include "test/races/race.h"

namespace gdf::races {
namespace {

constexpr int kCallers = 3;
constexpr int kThreads = 4;

struct Known {
  Query query;
  uint64_t digest;
};

const std::vector<Known>& known() {
  static const std::vector<Known> list = [] {
    std::vector<Known> all;
    for (auto* queries : {rowQueries, textQueries}) {
      for (Query& query : queries()) {
        const uint64_t digest = query.run({1});
        all.push_back({std::move(query), digest});
      }
    }
    return all;
  }();
  return list;
}

/// Every caller takes the queries from another one on.
const Known& at(int caller, size_t turn) {
  return known()[(turn + static_cast<size_t>(caller) * known().size() / kCallers) % known().size()];
}

void together() {
  const size_t queries = known().size();
  const size_t before = Buffer::bytesInUse();
  races::together(kCallers, [&](int caller) {
    for (size_t turn = 0; turn < queries; ++turn) {
      const auto& [query, digest] = at(caller, turn);
      check(query.run({2 + caller}) == digest, query.name + " gives what it gives alone");
    }
  });
  check(Buffer::bytesInUse() == before, "all results are freed");
}

enum class End : uint8_t { Result, OtherResult, Cancelled, NoMemory, OtherError };

/// Nothing here allocates, so that it may run while allocations fail.
End endOf(const Known& known) {
  try {
    return known.query.run({kThreads}) == known.digest ? End::Result : End::OtherResult;
  } catch (const KernelError& error) {
    return error.code == "CANCELLED" ? End::Cancelled : error.code == "MEMORY_BUDGET" ? End::NoMemory : End::OtherError;
  } catch (const std::bad_alloc&) {
    return End::NoMemory;
  } catch (...) {
    return End::OtherError;
  }
}

// Each call is cancelled by another thread, at a time that differs with the caller and the query.
void cancelled() {
  const size_t queries = known().size();
  const size_t before = Buffer::bytesInUse();
  std::atomic<int64_t> cancellations{0};
  races::together(kCallers, [&](int caller) {
    Random random(static_cast<uint64_t>(caller));
    for (size_t turn = 0; turn < queries; ++turn) {
      Cancellation cancellation;
      const uint64_t wait = random.below(uint64_t{1} << (8 + turn % 8));
      std::thread other([&] {
        for (uint64_t i = 0; i < wait; ++i) std::this_thread::yield();
        cancellation.request();
      });
      End end;
      {
        CancellationScope scope(&cancellation);
        end = endOf(at(caller, turn));
      }
      other.join();
      cancellations += end == End::Cancelled ? 1 : 0;
      check(end == End::Cancelled || end == End::Result, at(caller, turn).query.name + " is cancelled, or right");
    }
  });
  check(cancellations.load() > 0, "calls are cancelled");
  check(Buffer::bytesInUse() == before, "cancelled calls hold nothing");
}

void withoutMemory() {
  const size_t queries = known().size();
  const size_t before = Buffer::bytesInUse();
  int64_t failed = 0;
  std::vector<End> ends(kCallers);
  for (size_t turn = 0; turn < queries; ++turn) {
    for (const int64_t first : {int64_t{1}, int64_t{30}}) {
      races::together(kCallers, [&](int caller) {
        if (caller == 0) failAllocations(first, 5);
        ends[static_cast<size_t>(caller)] = endOf(at(caller, turn));
      });
      failed += failAllocations(0, 0);
      for (int caller = 0; caller < kCallers; ++caller) {
        const End end = ends[static_cast<size_t>(caller)];
        check(end == End::NoMemory || end == End::Result, at(caller, turn).query.name + " has no memory, or is right");
      }
    }
  }
  check(failed > 0, "allocations fail");
  check(Buffer::bytesInUse() == before, "calls without memory hold nothing");
}

const Test kTogether("kernels together", together);
const Test kCancelled("kernels cancelled", cancelled);
const Test kWithoutMemory("kernels without memory", withoutMemory);

}  // namespace
}  // namespace gdf::races
