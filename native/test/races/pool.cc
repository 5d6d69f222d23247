// The pool: loops in loops on several callers, all of which want more threads than there are; exceptions; cancellation.
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include "core/cancellation.h"
#include "core/environment_calls.h"
#include "core/error.h"
#include "core/faults.h"
#include "core/thread_pool.h"
#include "test/races/race.h"

namespace gdf::races {
namespace {

constexpr int kCallers = 6;
constexpr int kThreads = 4;

/// Every task once, and no lane on two threads at a time: what a lane keeps needs no lock.
void loop(size_t tasks, const std::function<void(size_t)>& body) {
  std::vector<int> runs(tasks);
  std::vector<int64_t> sums(kThreads);
  const Context context{kThreads};
  context.parallelFor(tasks, [&](size_t task, int lane) {
    runs[task] += 1;
    sums[static_cast<size_t>(lane)] += static_cast<int64_t>(task);
    body(task);
  });
  int64_t sum = 0;
  for (const int64_t part : sums) sum += part;
  const auto count = static_cast<int64_t>(tasks);
  check(sum == count * (count - 1) / 2, "the lanes' sums");
  for (const int times : runs) check(times == 1, "a task that runs once");
}

// Jobs of the pool, each with loops in a loop that want the threads that the others hold.
void nested() {
  std::vector<std::future<void>> ends;
  for (int job = 0; job < 2 * kCallers; ++job) {
    auto ended = std::make_shared<std::promise<void>>();
    ends.push_back(ended->get_future());
    ThreadPool::instance().submit([ended, job] {
      loop(static_cast<size_t>(5 + job), [](size_t task) { loop(1 + task % 7, [](size_t) {}); });
      ended->set_value();
    });
  }
  together(kCallers, [](int) {
    for (int round = 0; round < 20; ++round) loop(17, [](size_t) { loop(3, [](size_t) {}); });
  });
  for (std::future<void>& end : ends) end.get();
}

void exceptions() {
  together(kCallers, [](int caller) {
    for (size_t round = 0; round < 60; ++round) {
      const size_t failing = (round * 7 + static_cast<size_t>(caller)) % 23;
      std::string message;
      try {
        const Context context{kThreads};
        context.parallelFor(23, [&](size_t task, int) {
          if (task == failing) throw KernelError("PARSE_ERROR", "task " + std::to_string(task));
        });
      } catch (const KernelError& error) {
        message = error.what();
      }
      check(message == "task " + std::to_string(failing), "the exception of a task");
    }
  });
}

// One that another thread requests at any time, or before: the loop ends with CANCELLED, or it ran to its end.
void cancellation() {
  together(kCallers, [](int caller) {
    for (int round = 0; round < 60; ++round) {
      Cancellation cancellation;
      std::atomic<int> ran{0};
      std::atomic<bool> enough{false};
      std::thread other([&] {
        while (!enough.load()) std::this_thread::yield();
        cancellation.request();
      });
      bool cancelled = false;
      try {
        CancellationScope scope(&cancellation);
        if (caller == 0) enough.store(true);
        const Context context{kThreads};
        context.parallelFor(200, [&](size_t, int) {
          // Half of the callers are cancelled in the middle.
          if (ran.fetch_add(1) == 20 + caller) enough.store(true);
        });
      } catch (const KernelError& error) {
        cancelled = error.code == "CANCELLED";
      }
      enough.store(true);
      other.join();
      check(cancelled || ran.load() == 200, "a loop that neither ended nor was cancelled");
      check(currentCancellation() == nullptr, "a thread keeps no cancellation");
    }
  });
}

void cancelledAtCheck() {
  for (int64_t at = 1; at <= 40; ++at) {
    Cancellation cancellation;
    cancelAtCheck(at);
    bool cancelled = false;
    std::atomic<int> ran{0};
    try {
      CancellationScope scope(&cancellation);
      const Context context{kThreads};
      context.parallelFor(40, [&](size_t, int) { ran.fetch_add(1); });
    } catch (const KernelError& error) {
      cancelled = error.code == "CANCELLED";
    }
    cancelAtCheck(0);
    check(cancelled && ran.load() < 40, "look " + std::to_string(at) + " ends the loop");
  }
}

// Environments that end while calls of theirs begin, run and end: afterwards none touches what went with them.
void environments() {
  together(kCallers, [](int) {
    for (int round = 0; round < 30; ++round) {
      auto calls = std::make_shared<EnvironmentCalls>();
      auto memory = std::make_unique<std::vector<int>>(8 * 64);
      std::vector<int>* const read = memory.get();
      std::vector<std::future<void>> ends;
      for (int i = 0; i < 8; ++i) {
        const auto call = calls->add(std::make_shared<Cancellation>());
        auto ended = std::make_shared<std::promise<void>>();
        ends.push_back(ended->get_future());
        ThreadPool::instance().submit([calls, call, own = read->data() + 64 * i, ended] {
          if (calls->begin(call)) {
            CancellationScope scope(call->cancellation.get());
            try {
              const Context context{2};
              context.parallelFor(64, [own](size_t task, int) { own[task] += 1; });
            } catch (const KernelError&) {
            }
          }
          calls->remove(call);
          ended->set_value();
        });
      }
      if (round % 2 == 0) ends[static_cast<size_t>(round % 8)].wait();
      calls->close();
      memory->assign(memory->size(), -1);
      memory.reset();
      for (std::future<void>& end : ends) end.get();
      check(!calls->begin(calls->add(nullptr)), "a call that begins after the end");
    }
  });
}

const Test kNested("nested loops", nested);
const Test kExceptions("exceptions", exceptions);
const Test kCancellation("cancellation", cancellation);
const Test kCancelledAtCheck("cancellation at a check", cancelledAtCheck);
const Test kEnvironments("ends of environments", environments);

}  // namespace
}  // namespace gdf::races
