// The blocks in which a comment begins or goes on. Comments are rare and few files have them: one byte at a time.
#include "kernels/csv/block.h"

namespace gdf::csv {

bool StructureScanner::beginsComment(const uint8_t* bytes, const BlockState& state) const {
  if (state.inComment) return true;
  const uint64_t comments = Block(bytes).equal(static_cast<uint8_t>(dialect_.comment));
  if (comments == 0) return false;
  BlockState next = state;
  const uint64_t newlines = scanPlain(bytes, next).newlines;
  return (comments & ((newlines << 1) | state.recordStart)) != 0;
}

Structure StructureScanner::scanBytewise(const uint8_t* bytes, BlockState& state) const {
  Structure s;
  for (size_t i = 0; i < kBlock; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    const int byte = bytes[i];
    if (state.inComment) {
      if (byte != newline_) continue;
      s.newlines |= bit;
      state.inComment = false;
      state.recordStart = 1;
      continue;
    }
    const bool first = state.recordStart != 0;
    state.recordStart = 0;
    if (first && byte == dialect_.comment) {
      s.comments |= bit;
      state.inComment = true;
    } else if (state.escaped != 0) {
      state.escaped = 0;
    } else if (byte == dialect_.escape) {
      s.special |= bit;
      state.escaped = 1;
    } else if (byte == dialect_.quote) {
      s.quotes |= bit;
      s.special |= bit;
      state.inQuotes = ~state.inQuotes;
    } else if (state.inQuotes == 0 && byte == dialect_.delimiter) {
      s.delimiters |= bit;
    } else if (state.inQuotes == 0 && byte == newline_) {
      s.newlines |= bit;
      state.recordStart = 1;
    }
  }
  return s;
}

}  // namespace gdf::csv
