// A hash table from keys to dense group numbers, built from one side and probed by the other.
//
// The build rows are partitioned by the top bits of their hashes, in parallel, and every partition fills its own run of
// slots: threads share nothing, and the slots that a partition works on stay in its cache. A probe finds its partition
// by the same bits. Open addressing, linear probing, at most half full.
#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "kernels/join/key_space.h"

namespace gdf::join {

class GroupTable {
 public:
  GroupTable(const KeySpace& keys, SideIndex buildSide, Context context);

  /// Groups are below this; not every number is used.
  int64_t groupCount() const { return groupCount_; }
  /// The group of every build row, kNoGroup where it has no key.
  const BufferPtr& buildGroups() const { return buildGroups_; }
  /// The groups of keys; kNoGroup where the build side has none. `count` at most kKeyVector.
  void probe(const uint64_t* keys, int64_t count, uint32_t* groups) const;

 private:
  struct Slot {
    uint64_t key;
    uint32_t group;
  };
  struct Partition {
    uint64_t firstSlot;
    uint64_t mask;
  };
  void fill(size_t partition, const uint64_t* keys, const uint32_t* rows, int64_t begin, int64_t end);

  BufferPtr buildGroups_;
  BufferPtr slots_;
  std::vector<Partition> partitions_;
  int partitionShift_ = 64;
  int64_t groupCount_ = 0;
};

}  // namespace gdf::join
