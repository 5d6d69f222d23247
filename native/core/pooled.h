// Vectors of kernels' working memory: large ones lie in the runs that buffers use too (core/pages.h). malloc maps and
// unmaps them one by one until it has seen their size, and gives the top of its arenas back at every lull: 512 tables
// of 256 KiB a query cost more page faults than work (1e6 hashed groups of 1e7 rows: 25 ns a row against 13.5).
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "core/faults.h"
#include "core/pages.h"

namespace gdf {

template <class T>
struct PoolAllocator {
  using value_type = T;

  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}

  T* allocate(size_t count) {
    if (!isLarge(count)) return std::allocator<T>().allocate(count);
    if (isAllocationToFail() || count > SIZE_MAX / 2 / sizeof(T)) throw std::bad_alloc();
    auto* data = takePages(count * sizeof(T));
    if (data == nullptr) throw std::bad_alloc();
    return reinterpret_cast<T*>(data);
  }
  void deallocate(T* data, size_t count) {
    if (!isLarge(count)) return std::allocator<T>().deallocate(data, count);
    givePages(reinterpret_cast<uint8_t*>(data), count * sizeof(T));
  }

  template <class U>
  bool operator==(const PoolAllocator<U>&) const {
    return true;
  }

 private:
  static bool isLarge(size_t count) { return count >= kLeastPages / sizeof(T); }
};

template <class T>
using Pooled = std::vector<T, PoolAllocator<T>>;

}  // namespace gdf
