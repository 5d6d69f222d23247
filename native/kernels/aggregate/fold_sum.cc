// What all sums share, and the sum of states.
#include "kernels/aggregate/fold.h"

namespace gdf::aggregate {
namespace {

class WordsSum final : public SumFold {
 public:
  WordsSum(int width, int slot, const SumFormat& format)
      : SumFold(format), width_(width), slot_(slot), addend_(static_cast<size_t>(format.limbs)) {}

  void add(const Chunk& chunk) override {
    const auto* words = static_cast<const uint32_t*>(chunk.columns[slot_].values);
    const uint32_t* groups = chunk.columns[slot_].groups;
    for (size_t i = 0; i < chunk.columns[slot_].count; ++i) {
      const uint32_t* row = words + i * static_cast<size_t>(width_);
      const uint32_t group = groups == nullptr ? 1 : groups[i];
      state_.addFlags(group, static_cast<uint8_t>(row[0]));
      signExtend(row + 1);
      SumState::addLimbs(state_.limbsOf(group), addend_.data(), state_.limbs());
    }
  }

 private:
  void signExtend(const uint32_t* row) {
    const int count = width_ - 1;
    const uint32_t sign = count > 0 && (row[count - 1] >> 31) != 0 ? ~uint32_t{0} : 0;
    for (int limb = 0; limb < state_.limbs(); ++limb) {
      const uint32_t low = 2 * limb < count ? row[2 * limb] : sign;
      const uint32_t high = 2 * limb + 1 < count ? row[2 * limb + 1] : sign;
      addend_[static_cast<size_t>(limb)] = low | static_cast<uint64_t>(high) << 32;
    }
  }

  int width_;
  int slot_;
  std::vector<uint64_t> addend_;
};

}  // namespace

void SumFold::merge(const Fold& other, const uint32_t* map, size_t groups) {
  state_.merge(static_cast<const SumFold&>(other).state_, map, groups);
}

std::unique_ptr<SumFold> makeWordsSum(int width, int slot, const SumFormat& format) {
  return std::make_unique<WordsSum>(width, slot, format);
}

}  // namespace gdf::aggregate
