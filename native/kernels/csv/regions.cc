#include "kernels/csv/regions.h"

#include <algorithm>
#include <bit>

namespace gdf::csv {

/// Of a chunk, for both states that it may begin in: 0 outside quotes, 1 inside. Positions are bytes of the file.
struct ChunkSummary {
  int64_t newlines[2] = {0, 0};
  int64_t first[2] = {-1, -1};
  int64_t last[2] = {-1, -1};
  int64_t lastQuote = -1;
  bool odd = false;  // number of quotes

  void add(int state, uint64_t mask, int64_t position) {
    if (mask == 0) return;
    newlines[state] += std::popcount(mask);
    if (first[state] < 0) first[state] = position + std::countr_zero(mask);
    last[state] = position + 63 - std::countl_zero(mask);
  }
};

RegionScanner::RegionScanner(const ReadOptions& options, const Input& input, const Context& context)
    : options_(options), input_(input), context_(context) {}

std::vector<Region> RegionScanner::next(size_t maxChunks) {
  std::vector<Region> regions;
  while (regions.empty() && !fault_) {
    const std::vector<Chunk> chunks = takeChunks(maxChunks);
    if (chunks.empty()) break;
    const bool comments = options_.dialect.comment >= 0;
    std::vector<ChunkSummary> summaries(comments ? 0 : chunks.size());
    context_.parallelFor(summaries.size(), [&](size_t i, int) { summarize(chunks[i], summaries[i]); });
    for (size_t i = 0; i < chunks.size() && !fault_; ++i) {
      const Chunk& chunk = chunks[i];
      if (chunk.begin == chunk.range->begin) {
        recordBegin_ = chunk.begin;
        inQuotes_ = false;
        state_ = BlockState();
        commentRecord_ = false;
      }
      if (comments) {
        appendWithComments(chunk, regions);
      } else {
        append(chunk, summaries[i], regions);
      }
      if (!fault_ && chunk.end == chunk.range->end) finishRange(*chunk.range, regions);
    }
  }
  return regions;
}

std::vector<RegionScanner::Chunk> RegionScanner::takeChunks(size_t maxChunks) {
  std::vector<Chunk> chunks;
  while (chunks.size() < maxChunks && range_ < options_.ranges.size()) {
    const Range& range = options_.ranges[range_];
    if (position_ < 0) position_ = range.begin;
    const int64_t end = std::min(range.end, position_ + options_.chunkBytes);
    if (end > position_) chunks.push_back({&range, position_, end});
    position_ = end;
    if (end < range.end) continue;
    range_ += 1;
    position_ = -1;
  }
  return chunks;
}

void RegionScanner::summarize(const Chunk& chunk, ChunkSummary& summary) const {
  thread_local PaddedBytes buffer;
  const int64_t length = chunk.end - chunk.begin;
  uint8_t* bytes = buffer.reset(static_cast<size_t>(length));
  input_.read(chunk.range->file, chunk.begin, length, bytes);
  const StructureScanner scanner(options_.dialect, options_.files[chunk.range->file].newline);
  BlockState state;
  state.escaped = startsEscaped(chunk) ? 1 : 0;
  for (int64_t at = 0; at < length; at += kBlock) {
    const Structure s = scanner.scan(bytes + at, state);
    summary.add(0, s.newlines, chunk.begin + at);
    summary.add(1, s.newlinesInside, chunk.begin + at);
    if (s.quotes == 0) continue;
    summary.odd ^= (std::popcount(s.quotes) & 1) != 0;
    summary.lastQuote = chunk.begin + at + 63 - std::countl_zero(s.quotes);
  }
}

/// Whether the byte before the chunk is an escape that is not escaped itself: the run of them there has odd length.
bool RegionScanner::startsEscaped(const Chunk& chunk) const {
  if (options_.dialect.escape < 0) return false;
  bool odd = false;
  for (int64_t at = chunk.begin; at > chunk.range->begin; --at) {
    uint8_t byte;
    input_.read(chunk.range->file, at - 1, 1, &byte);
    if (byte != options_.dialect.escape) break;
    odd = !odd;
  }
  return odd;
}

void RegionScanner::append(const Chunk& chunk, const ChunkSummary& summary, std::vector<Region>& regions) {
  const int state = inQuotes_ ? 1 : 0;
  if (tooLong(*chunk.range, summary.newlines[state] > 0 ? summary.first[state] : chunk.end)) return;
  if (summary.newlines[state] > 0) {
    addRows(*chunk.range, summary.last[state] + 1, summary.newlines[state], regions);
  }
  if (summary.lastQuote >= 0) lastQuote_ = summary.lastQuote;
  inQuotes_ ^= summary.odd;
}

void RegionScanner::appendWithComments(const Chunk& chunk, std::vector<Region>& regions) {
  thread_local PaddedBytes buffer;
  const int64_t length = chunk.end - chunk.begin;
  uint8_t* bytes = buffer.reset(static_cast<size_t>(length));
  input_.read(chunk.range->file, chunk.begin, length, bytes);
  const StructureScanner scanner(options_.dialect, options_.files[chunk.range->file].newline);
  int64_t rows = 0;
  int64_t end = recordBegin_;
  const int64_t regionBegin = recordBegin_;
  for (int64_t at = 0; at < length; at += kBlock) {
    const Structure s = scanner.scan(bytes + at, state_);
    if (s.quotes != 0) lastQuote_ = chunk.begin + at + 63 - std::countl_zero(s.quotes);
    for (uint64_t events = s.newlines | s.comments; events != 0; events &= events - 1) {
      const int bit = std::countr_zero(events);
      if ((s.comments >> bit) & 1) {
        commentRecord_ = true;
        continue;
      }
      const int64_t position = chunk.begin + at + bit;
      if (!commentRecord_ && tooLong(*chunk.range, position)) break;
      rows += commentRecord_ ? 0 : 1;
      commentRecord_ = false;
      recordBegin_ = end = position + 1;
    }
    if (fault_) break;
  }
  inQuotes_ = state_.inQuotes != 0;
  recordBegin_ = regionBegin;
  if (end > regionBegin) addRows(*chunk.range, end, rows, regions);
  if (!fault_ && !commentRecord_) tooLong(*chunk.range, chunk.end);
}

/// The last record may lack its newline.
void RegionScanner::finishRange(const Range& range, std::vector<Region>& regions) {
  if (recordBegin_ == range.end || commentRecord_ || range.goesOn) return;
  if (inQuotes_) {
    fault_ = Fault{.kind = FaultKind::OpenQuote, .file = range.file, .byteOffset = lastQuote_};
    return;
  }
  addRows(range, range.end, 1, regions);
}

/// A fault if a record that goes on to `recordEnd`, or further, is too long.
bool RegionScanner::tooLong(const Range& range, int64_t recordEnd) {
  if (recordEnd - recordBegin_ <= options_.maxRecordBytes) return false;
  fault_ = Fault{.kind = FaultKind::RecordBytes, .file = range.file, .byteOffset = recordBegin_};
  return true;
}

void RegionScanner::addRows(const Range& range, int64_t end, int64_t rows, std::vector<Region>& regions) {
  const bool rest = rows == 1 && !regions.empty() && regions.back().file == range.file &&
                    regions.back().end == recordBegin_ && end == range.end;
  if (rest) {
    regions.back().end = end;
    regions.back().rows += rows;
  } else {
    regions.push_back({range.file, recordBegin_, end, rows});
  }
  recordBegin_ = end;
}

}  // namespace gdf::csv
