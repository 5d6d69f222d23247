// The first pass: cuts ranges of files into regions of whole records that can be decoded independently.
//
// Chunks of equal size are scanned in parallel. Whether a chunk begins inside quotes depends on all bytes before it, so
// each chunk is summarised for both cases; one pass over the summaries then knows the true one:
//
//   bytes    ...,"a\nb",c\n 1,"x  | \n  y",2\n 3,4\n 5, | "z",6\n
//   chunk    k                    | k + 1               | k + 2         newlines outside quotes end records;
//   region   ...........\n        | 1,"x\n  y",2\n3,4\n | 5,"z",6\n     a region ends with the last one of its chunk
//
// Speculating on "outside" and repeating the chunks where that was wrong would save this pass, but the row counts that
// it gives let every region decode straight into its place in the result; concatenating costs more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/csv/block.h"
#include "kernels/csv/input.h"
#include "kernels/csv/options.h"

namespace gdf::csv {

struct Region {
  uint32_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;   // after the last record's newline, or the end of the range
  int64_t rows = 0;  // at most: comments and empty lines count here
};

struct ChunkSummary;

class RegionScanner {
 public:
  RegionScanner(const ReadOptions& options, const Input& input, const Context& context);

  /// The regions of the next chunks, at most `maxChunks` of them; empty at the end, or after a fault.
  std::vector<Region> next(size_t maxChunks);

  /// What ends the scan before the end: an open quote, or a record that is too long. Its line is not set.
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  struct Chunk {
    const Range* range;
    int64_t begin;
    int64_t end;
  };
  std::vector<Chunk> takeChunks(size_t maxChunks);
  void summarize(const Chunk& chunk, ChunkSummary& summary) const;
  bool startsEscaped(const Chunk& chunk) const;
  void append(const Chunk& chunk, const ChunkSummary& summary, std::vector<Region>& regions);
  void appendWithComments(const Chunk& chunk, std::vector<Region>& regions);
  void finishRange(const Range& range, std::vector<Region>& regions);
  bool tooLong(const Range& range, int64_t recordEnd);
  void addRows(const Range& range, int64_t end, int64_t rows, std::vector<Region>& regions);

  const ReadOptions& options_;
  const Input& input_;
  const Context& context_;
  size_t range_ = 0;
  int64_t position_ = -1;     // in the current range; -1: at its begin
  int64_t recordBegin_ = -1;  // of the record that the next newline ends
  int64_t lastQuote_ = -1;
  bool inQuotes_ = false;
  BlockState state_;            // only with comments: then chunks are scanned one after the other
  bool commentRecord_ = false;  // the record at recordBegin_ is a comment
  std::optional<Fault> fault_;
};

}  // namespace gdf::csv
