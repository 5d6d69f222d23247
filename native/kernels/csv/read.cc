#include "kernels/csv/read.h"

#include <algorithm>
#include <atomic>

#include "kernels/csv/assemble.h"
#include "kernels/csv/places.h"
#include "kernels/csv/regions.h"

namespace gdf::csv {
namespace {

constexpr int64_t kMinSampleValues = 4096;

class Reader {
 public:
  Reader(const ReadOptions& options, const Context& context)
      : options_(options), context_(context), input_(options.files), scanner_(options, input_, context) {}

  ReadResult read() {
    input_.verify(context_);
    // Without a limit all regions are found at once. With one, more and more of them: head(5) reads one chunk.
    const bool limited = options_.limit >= 0;
    size_t maxChunks = limited ? 1 : SIZE_MAX;
    while (!done()) {
      const std::vector<Region> regions = scanner_.next(maxChunks);
      if (regions.empty()) break;
      decodeAll(regions);
      maxChunks = limited ? std::min<size_t>(maxChunks * 4, 4096) : maxChunks;
    }
    return finish();
  }

 private:
  bool done() const { return faulted_ != SIZE_MAX || (options_.limit >= 0 && rowCount_ >= options_.limit); }

  void decodeAll(const std::vector<Region>& regions) {
    const size_t first = results_.size();
    int64_t offset = rowCount_;
    for (const Region& region : regions) {
      results_.emplace_back();
      results_.back().region = region;
      results_.back().rowOffset = offset;
      results_.back().rowsBefore = rowsBefore_;
      offset += region.rows;
      rowsBefore_ += region.rows;
    }
    size_t next = first;
    if (first == 0) {
      allocate(offset);
      decodeOne(next++, 0);
      chooseEncodings(offset);
    }
    // Regions that cannot reach the limit go in parallel, the others one after the other.
    size_t parallel = results_.size();
    if (options_.limit >= 0) {
      while (parallel > next &&
             results_[parallel - 1].rowOffset + results_[parallel - 1].region.rows > options_.limit) {
        parallel -= 1;
      }
    }
    openLanes(parallel - next);
    const size_t begin = next;
    context_.parallelFor(parallel - begin, [&](size_t i, int lane) { decodeOne(begin + i, lane); });
    for (next = parallel; next < results_.size() && !reached(); ++next) decodeOne(next, 0);
    results_.resize(std::min(results_.size(), next));
    settle();
  }

  /// Row offsets become final, so that what is decoded next follows without a gap.
  void settle() {
    closeGaps(options_, context_, targets_, results_);
    rowCount_ = results_.empty() ? 0 : results_.back().rowOffset + results_.back().rows;
  }

  bool reached() {
    settle();
    return rowCount_ >= options_.limit;
  }

  void decodeOne(size_t index, int lane) {
    if (index > faulted_.load(std::memory_order_relaxed)) return;
    RegionResult& result = results_[index];
    result.lane = lane;
    const int64_t limit = options_.limit < 0 ? INT64_MAX : options_.limit - result.rowOffset;
    lanes_[static_cast<size_t>(lane)].decode(result, limit);
    if (options_.onError != OnError::Throw || result.faults.empty()) return;
    size_t seen = faulted_.load();
    while (index < seen && !faulted_.compare_exchange_weak(seen, index)) {
    }
  }

  void allocate(int64_t rows) {
    if (options_.limit >= 0) {
      int64_t bytes = 0;
      for (const Range& range : options_.ranges) bytes += range.end - range.begin;
      rows = std::min(options_.limit, bytes);
    }
    lanes_.reserve(static_cast<size_t>(context_.threads));
    for (const ColumnSpec& spec : options_.columns) {
      const auto entries = static_cast<size_t>(rows) + (spec.type == FieldType::String ? 1 : 0);
      targets_.push_back({Buffer::allocate(entries * targetWidth(spec)), false});
    }
    lanes_.emplace_back(options_, input_, targets_);
  }

  /// Every lane begins with the first region's dictionaries: a column of few distinct values then has the same codes in
  /// all lanes, and nothing is mapped afterwards.
  void openLanes(size_t tasks) {
    const size_t wanted = std::min(tasks, static_cast<size_t>(context_.threads));
    while (lanes_.size() < wanted) {
      lanes_.emplace_back(options_, input_, targets_);
      for (size_t column = 0; column < options_.columns.size(); ++column) {
        const auto& seed = lanes_[0].columns()[column].dictionary;
        if (seed) lanes_.back().columns()[column].dictionary = std::make_unique<DictionaryBuilder>(*seed);
      }
    }
  }

  /// Plain, where the first region says that a dictionary would not repay: of n values r repeat earlier ones, so there
  /// are about n^2 / 2r distinct ones in all; plain if that is more than half of the rows.
  void chooseEncodings(int64_t rows) {
    RegionResult& sample = results_[0];
    for (uint32_t column = 0; column < options_.columns.size(); ++column) {
      const auto& dictionary = lanes_[0].columns()[column].dictionary;
      if (!dictionary || sample.rows < kMinSampleValues || options_.limit >= 0) continue;
      const double values = static_cast<double>(sample.rows);
      const double repeats = values - static_cast<double>(dictionary->size());
      if (values * values < static_cast<double>(rows) * repeats) continue;
      makePlain(sample, column);
    }
  }

  void makePlain(RegionResult& sample, uint32_t column) {
    ColumnTarget& target = targets_[column];
    target.plain = true;
    std::unique_ptr<DictionaryBuilder> dictionary = std::move(lanes_[0].columns()[column].dictionary);
    auto* words = target.values->as<uint32_t>();
    std::vector<uint8_t>& bytes = sample.plainOf(column).bytes;
    const std::vector<uint64_t>* valid = nullptr;
    for (const ColumnBits& bits : sample.bits) {
      if (bits.column == column) valid = &bits.valid;
    }
    std::vector<uint32_t> codes(words, words + sample.rows);
    for (size_t row = 0; row < codes.size(); ++row) {
      words[row + 1] = 0;
      if (valid != nullptr && (((*valid)[row / 64] >> (row % 64)) & 1) == 0) continue;
      const TextKey text = dictionary->key(codes[row]);
      bytes.insert(bytes.end(), text.bytes, text.bytes + text.length);
      words[row + 1] = text.length;
    }
  }

  ReadResult finish() {
    if (results_.empty()) allocate(0);
    ReadResult result;
    result.rowCount = rowCount_;
    collectFaults(result);
    if (!result.fatal) collectConflicts(result);
    if (result.fatal || !result.conflicts.empty()) {
      locate(options_, input_, result);
      return result;
    }
    result.statistics.resize(options_.columns.size());
    for (RegionDecoder& lane : lanes_) {
      for (size_t i = 0; i < result.statistics.size(); ++i) result.statistics[i].merge(lane.columns()[i].statistics);
    }
    result.columns = assembleColumns(options_, context_, targets_, results_, lanes_, rowCount_);
    locate(options_, input_, result);
    return result;
  }

  void collectFaults(ReadResult& result) {
    const bool limitReached = options_.limit >= 0 && rowCount_ >= options_.limit;
    for (const RegionResult& region : results_) {
      if (region.faults.empty()) continue;
      if (options_.onError == OnError::Throw) {
        result.fatal = region.faults[0];
        return;
      }
      result.rejectCount += region.faultCount;
      const size_t room = kMaxRejects - std::min(kMaxRejects, result.rejects.size());
      const auto end = region.faults.begin() + static_cast<std::ptrdiff_t>(std::min(room, region.faults.size()));
      result.rejects.insert(result.rejects.end(), region.faults.begin(), end);
    }
    if (!limitReached) result.fatal = scanner_.fault();
  }

  void collectConflicts(ReadResult& result) {
    std::vector<int64_t> known(options_.columns.size(), -1);
    for (const RegionResult& region : results_) {
      for (const Conflict& conflict : region.conflicts) {
        int64_t& at = known[conflict.column];
        if (at < 0) {
          at = static_cast<int64_t>(result.conflicts.size());
          result.conflicts.push_back(conflict);
        } else {
          result.conflicts[static_cast<size_t>(at)].kinds |= conflict.kinds;
        }
      }
    }
  }

  const ReadOptions& options_;
  const Context& context_;
  const Input input_;
  RegionScanner scanner_;
  std::vector<ColumnTarget> targets_;
  std::vector<RegionDecoder> lanes_;
  std::vector<RegionResult> results_;
  int64_t rowCount_ = 0;
  int64_t rowsBefore_ = 0;                 // of the next region
  std::atomic<size_t> faulted_{SIZE_MAX};  // lowest region with a fault, where a fault ends the read
};

}  // namespace

ReadResult readCsv(const ReadOptions& options, const Context& context) {
  return Reader(options, context).read();
}

std::vector<int64_t> findCuts(const ReadOptions& options, const std::vector<int64_t>& positions,
                              const Context& context) {
  const Input input(options.files);
  RegionScanner scanner(options, input, context);
  const std::vector<Region> regions = scanner.next(SIZE_MAX);
  std::vector<int64_t> cuts;
  int64_t cut = options.ranges[0].begin;
  size_t next = 0;
  for (const int64_t position : positions) {
    while (next < regions.size() && regions[next].end <= position) cut = regions[next++].end;
    const bool isBehindFault = scanner.fault() && position > scanner.fault()->byteOffset;
    cuts.push_back(isBehindFault ? -1 : cut);
  }
  return cuts;
}

}  // namespace gdf::csv
