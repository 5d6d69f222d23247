// Sorts a column's values by group: a stable counting sort, in two steps where there are many groups, so that each step
// writes to few enough places to stay in the caches.
#pragma once

#include <algorithm>
#include <bit>

#include "core/morsel.h"
#include "kernels/aggregate/holistic.h"
#include "kernels/aggregate/order.h"

namespace gdf::aggregate {

template <class T>
class ValueGrouper {
 public:
  using Key = Ordered<T>;

  ValueGrouper(const ColumnView& column, const RowPositions& rows, size_t groups, Context context)
      : column_(column),
        rows_(rows),
        groups_(groups),
        shift_(std::max(0, static_cast<int>(std::bit_width(groups)) - kBucketBits)),
        buckets_((groups >> shift_) + 1),
        context_(context) {}

  GroupedValues<Key> run() {
    countRows();
    placeBuckets();
    GroupedValues<Key> result;
    result.offsets.assign(groups_ + 1, 0);
    result.values.resize(bucketEnds_.back());
    if (shift_ == 0) {
      scatterRows(result.values.data(), nullptr);
      for (size_t group = 0; group < groups_; ++group) result.offsets[group + 1] = bucketEnds_[group];
      return result;
    }
    std::vector<Key> values(result.values.size());
    std::vector<uint32_t> positions(result.values.size());
    scatterRows(values.data(), positions.data());
    context_.parallelFor(buckets_, [&](size_t bucket, int) { sortBucket(bucket, values, positions, result); });
    return result;
  }

 private:
  static constexpr int kBucketBits = 11;
  static constexpr int64_t kSliceRows = 1 << 18;

  bool counts(int64_t row) const { return rows_[static_cast<size_t>(row)] != kNoPosition && column_.isValid(row); }

  void countRows() {
    starts_.assign(static_cast<size_t>(morselCount(column_.length, kSliceRows)) * buckets_, 0);
    const auto count = [&](int64_t begin, int64_t end, int64_t slice, int) {
      uint64_t* sizes = starts_.data() + static_cast<size_t>(slice) * buckets_;
      for (int64_t row = begin; row < end; ++row) {
        if (counts(row)) sizes[rows_[static_cast<size_t>(row)] >> shift_] += 1;
      }
    };
    forMorsels(context_, column_.length, count, kSliceRows);
  }

  void placeBuckets() {
    uint64_t next = 0;
    const size_t slices = starts_.size() / buckets_;
    for (size_t bucket = 0; bucket < buckets_; ++bucket) {
      for (size_t slice = 0; slice < slices; ++slice) {
        const uint64_t count = starts_[slice * buckets_ + bucket];
        starts_[slice * buckets_ + bucket] = next;
        next += count;
      }
      bucketEnds_.push_back(next);
    }
  }

  void scatterRows(Key* values, uint32_t* positions) {
    const auto scatter = [&](int64_t begin, int64_t end, int64_t slice, int) {
      uint64_t* next = starts_.data() + static_cast<size_t>(slice) * buckets_;
      const T* source = column_.as<T>();
      for (int64_t row = begin; row < end; ++row) {
        if (!counts(row)) continue;
        const uint32_t position = rows_[static_cast<size_t>(row)];
        const uint64_t place = next[position >> shift_]++;
        values[place] = toOrdered(source[row]);
        if (positions != nullptr) positions[place] = position;
      }
    };
    forMorsels(context_, column_.length, scatter, kSliceRows);
  }

  void sortBucket(size_t bucket, const std::vector<Key>& values, const std::vector<uint32_t>& positions,
                  GroupedValues<Key>& result) {
    const uint64_t begin = bucket == 0 ? 0 : bucketEnds_[bucket - 1];
    const uint64_t end = bucketEnds_[bucket];
    const size_t firstGroup = bucket << shift_;
    const size_t size = std::min(groups_ - std::min(groups_, firstGroup), size_t{1} << shift_);
    std::vector<uint64_t> next(size + 1, 0);
    for (uint64_t i = begin; i < end; ++i) next[positions[i] - firstGroup + 1] += 1;
    next[0] = begin;
    for (size_t group = 0; group < size; ++group) {
      next[group + 1] += next[group];
      result.offsets[firstGroup + group + 1] = next[group + 1];
    }
    for (uint64_t i = begin; i < end; ++i) result.values[next[positions[i] - firstGroup]++] = values[i];
  }

  const ColumnView& column_;
  const RowPositions& rows_;
  const size_t groups_;
  const int shift_;
  const size_t buckets_;
  const Context context_;
  std::vector<uint64_t> starts_;      // by slice, bucket: where its next value goes
  std::vector<uint64_t> bucketEnds_;  // by bucket
};

}  // namespace gdf::aggregate
