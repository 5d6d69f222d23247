// What becomes of fields and records that are wrong.
#include <algorithm>

#include "kernels/csv/decode.h"

namespace gdf::csv {
namespace {

constexpr size_t kMaxFaults = 10000;

}  // namespace

void RegionDecoder::addFault(const Task& task, FaultKind kind, size_t row, uint32_t begin, uint32_t end) {
  faults_.push_back(
      {kind, static_cast<int32_t>(task.column), static_cast<uint32_t>(task.at + row), begin, end - begin, 0});
}

void RegionDecoder::addConflict(const Task& task, uint32_t begin, const Content& content) {
  std::vector<Conflict>& conflicts = result_->conflicts;
  auto known = std::find_if(conflicts.begin(), conflicts.end(),
                            [&](const Conflict& conflict) { return conflict.column == task.column; });
  const int64_t byteOffset = result_->region.begin + begin;
  if (known == conflicts.end()) {
    known = conflicts.insert(known, Conflict{.column = task.column, .byteOffset = byteOffset});
    known->file = result_->region.file;
  }
  // Once a text fits nothing but string, the others do not matter.
  uint8_t& kinds = columns_[task.column].conflictKinds;
  if ((kinds & kString) == 0) kinds |= textKind(content.begin, content.end);
  known->kinds |= kinds;
  known->byteOffset = std::min(known->byteOffset, byteOffset);
}

/// onError "skip": the rows without a fault; of every other one the first fault stays.
Rows RegionDecoder::dropFaulty(const Rows& rows, size_t at, size_t earlierFaults) {
  const auto first = faults_.begin() + static_cast<std::ptrdiff_t>(earlierFaults);
  std::sort(first, faults_.end(), [](const RowFault& a, const RowFault& b) { return a.begin < b.begin; });
  faults_.erase(std::unique(first, faults_.end(), [](const RowFault& a, const RowFault& b) { return a.row == b.row; }),
                faults_.end());
  std::vector<uint64_t> drop((rows.count + 63) / 64);
  for (size_t i = earlierFaults; i < faults_.size(); ++i) {
    const size_t row = faults_[i].row - at;
    drop[row / 64] |= uint64_t{1} << (row % 64);
  }
  // The rows are decoded again from `at` on: what they left behind goes.
  for (ColumnBits& bits : result_->bits) {
    for (size_t row = at; row < at + rows.count; ++row) bits.valid[row / 64] |= uint64_t{1} << (row % 64);
  }
  for (PlainPart& part : result_->plain) part.bytes.resize(part.sliceBegin);
  return withoutRows(rows, drop, keptEnds_);
}

/// `complete`: no limit cut the region short, so that a ragged record at its end was met as well.
void RegionDecoder::finishFaults(size_t examined, bool complete) {
  for (const RaggedRecord& ragged : index_.ragged) {
    if (!complete && ragged.row >= examined) break;
    faults_.push_back({FaultKind::Fields, -1, 0, ragged.begin, ragged.length, ragged.found});
  }
  const auto earlier = [](const RowFault& a, const RowFault& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.column < b.column;
  };
  std::sort(faults_.begin(), faults_.end(), earlier);
  result_->faultCount = static_cast<int64_t>(faults_.size());
  const size_t kept = std::min(faults_.size(), options_.onError == OnError::Throw ? 1 : kMaxFaults);
  for (size_t i = 0; i < kept; ++i) {
    const RowFault& fault = faults_[i];
    result_->faults.push_back({.kind = fault.kind,
                               .file = result_->region.file,
                               .column = fault.column,
                               .found = fault.found,
                               .byteOffset = result_->region.begin + fault.begin,
                               .length = fault.length});
  }
}

}  // namespace gdf::csv
