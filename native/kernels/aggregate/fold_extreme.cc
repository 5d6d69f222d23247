#include <algorithm>
#include <limits>

#include "core/pooled.h"
#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/order.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

template <class T, bool Max>
class Extremes final : public ExtremeFold {
 public:
  using Key = Ordered<T>;
  static constexpr Key kIdentity = Max ? std::numeric_limits<Key>::min() : std::numeric_limits<Key>::max();

  explicit Extremes(int slot) : slot_(slot) {}

  void resize(size_t groups) override { keys_.resize(groups, kIdentity); }

  void add(const Chunk& chunk) override {
    const auto* values = static_cast<const T*>(chunk.columns[slot_].values);
    const uint32_t* groups = chunk.columns[slot_].groups;
    const size_t count = chunk.columns[slot_].count;
    if (groups == nullptr) {
      Key best = keys_[1];
      for (size_t i = 0; i < count; ++i) best = better(best, toOrdered(values[i]));
      keys_[1] = best;
      return;
    }
    Key* keys = keys_.data();
    addRows(keys_, groups, count, count,
            [&](size_t i) { keys[groups[i]] = better(keys[groups[i]], toOrdered(values[i])); });
  }

  void merge(const Fold& other, const uint32_t* map, size_t groups) override {
    const auto& from = static_cast<const Extremes&>(other).keys_;
    for (size_t group = 1; group < groups; ++group) keys_[map[group]] = better(keys_[map[group]], from[group]);
  }

  uint64_t bitsOf(size_t group) const override {
    const T value = fromOrdered<T>(keys_[group]);
    if constexpr (std::is_floating_point_v<T>) {
      return std::bit_cast<FloatBits<T>>(value);
    } else {
      return static_cast<uint64_t>(value);
    }
  }

 private:
  static Key better(Key a, Key b) { return Max ? std::max(a, b) : std::min(a, b); }

  int slot_;
  Pooled<Key> keys_;
};

}  // namespace

std::unique_ptr<ExtremeFold> makeExtremeFold(Storage storage, int slot, bool max) {
  return visitStorage(storage, [&]<class T>(std::type_identity<T>) -> std::unique_ptr<ExtremeFold> {
    if (max) return std::make_unique<Extremes<T, true>>(slot);
    return std::make_unique<Extremes<T, false>>(slot);
  });
}

}  // namespace gdf::aggregate
