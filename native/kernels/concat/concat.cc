#include "kernels/concat/concat.h"

#include <atomic>
#include <cstring>
#include <limits>

#include "core/bitmap.h"
#include "core/error.h"
#include "core/morsel.h"

namespace gdf::concat {
namespace {

/// A run of rows of one part and where they go.
struct Piece {
  size_t part;
  int64_t begin;
  int64_t end;
  int64_t target;
};

std::vector<Piece> piecesOf(const std::vector<ColumnView>& parts) {
  std::vector<Piece> pieces;
  int64_t target = 0;
  for (size_t part = 0; part < parts.size(); ++part) {
    for (int64_t begin = 0; begin < parts[part].length; begin += kMorselRows) {
      const int64_t end = std::min(parts[part].length, begin + kMorselRows);
      pieces.push_back({part, begin, end, target + begin});
    }
    target += parts[part].length;
  }
  return pieces;
}

/// Writers of neighbouring pieces share a word of the bitmap: BitmapWriter allows it.
void copyBits(const uint8_t* bits, const Piece& piece, uint8_t* out, int64_t* ones) {
  BitmapWriter writer(out, piece.target);
  for (int64_t row = piece.begin; row < piece.end; row += 64) {
    const int64_t count = std::min<int64_t>(64, piece.end - row);
    const uint64_t word = bits == nullptr ? lowBits(count) : loadBits(bits, row, count);
    *ones += std::popcount(word);
    writer.append(word, count);
  }
  writer.finish();
}

void copyCodes(const ColumnView& part, const Remap& remap, const Piece& piece, uint32_t* out) {
  const uint32_t* codes = part.as<uint32_t>();
  for (int64_t row = piece.begin; row < piece.end; ++row) {
    // The code under a null may be anything.
    out[piece.target + row - piece.begin] = int64_t{codes[row]} < remap.size ? remap.codes[codes[row]] : 0;
  }
}

void copyValues(const ColumnView& part, const Piece& piece, int64_t width, uint8_t* out) {
  const auto* values = static_cast<const uint8_t*>(part.values);
  const auto bytes = static_cast<size_t>((piece.end - piece.begin) * width);
  std::memcpy(out + piece.target * width, values + piece.begin * width, bytes);
}

/// Offsets and bytes; a part's text is one run of bytes.
void concatPlain(const std::vector<ColumnView>& parts, const std::vector<Piece>& pieces, Context context,
                 OwnedColumn& out) {
  std::vector<int64_t> starts{0};
  for (const ColumnView& part : parts) {
    const auto* offsets = part.as<int32_t>();
    starts.push_back(starts.back() + (part.length == 0 ? 0 : offsets[part.length] - offsets[0]));
  }
  if (starts.back() > std::numeric_limits<int32_t>::max()) {
    throw KernelError("MEMORY_BUDGET", "a string column of one partition would hold more than 2 GiB of text");
  }
  out.values = Buffer::allocate(static_cast<size_t>(out.length + 1) * 4);
  out.bytes = Buffer::allocate(static_cast<size_t>(starts.back()));
  auto* offsets = out.values->as<int32_t>();
  offsets[0] = 0;
  context.parallelFor(pieces.size(), [&](size_t index, int) {
    const Piece& piece = pieces[index];
    const ColumnView& part = parts[piece.part];
    const auto* from = part.as<int32_t>();
    const auto shift = static_cast<int32_t>(starts[piece.part] - from[0]);
    for (int64_t row = piece.begin; row < piece.end; ++row) {
      offsets[piece.target + row - piece.begin + 1] = from[row + 1] + shift;
    }
    const auto bytes = static_cast<size_t>(from[piece.end] - from[piece.begin]);
    if (bytes > 0) std::memcpy(out.bytes->data() + from[piece.begin] + shift, part.bytes + from[piece.begin], bytes);
  });
}

void concatValidity(const std::vector<ColumnView>& parts, const std::vector<Piece>& pieces, Context context,
                    OwnedColumn& out) {
  bool hasNulls = false;
  for (const ColumnView& part : parts) hasNulls |= part.validity != nullptr;
  if (!hasNulls) return;
  BufferPtr validity = Buffer::allocateZeroed(static_cast<size_t>(bitmapBytes(out.length)));
  std::atomic<int64_t> valid{0};
  context.parallelFor(pieces.size(), [&](size_t index, int) {
    int64_t ones = 0;
    copyBits(parts[pieces[index].part].validity, pieces[index], validity->data(), &ones);
    valid += ones;
  });
  out.nullCount = out.length - valid;
  if (out.nullCount > 0) out.validity = std::move(validity);
}

void concatValues(const std::vector<ColumnView>& parts, const std::vector<Remap>& remaps,
                  const std::vector<Piece>& pieces, Context context, OwnedColumn& out) {
  const bool isBool = out.storage == Storage::Bool;
  const int64_t width = out.storage == Storage::Words ? int64_t{out.width} * 4 : storageBytes(out.storage);
  out.values = isBool ? Buffer::allocateZeroed(static_cast<size_t>(bitmapBytes(out.length)))
                      : Buffer::allocate(static_cast<size_t>(out.length * width));
  context.parallelFor(pieces.size(), [&](size_t index, int) {
    const Piece& piece = pieces[index];
    const ColumnView& part = parts[piece.part];
    int64_t ones = 0;
    if (isBool) {
      copyBits(part.as<uint8_t>(), piece, out.values->data(), &ones);
    } else if (!remaps.empty()) {
      copyCodes(part, remaps[piece.part], piece, out.values->as<uint32_t>());
    } else {
      copyValues(part, piece, width, out.values->data());
    }
  });
}

}  // namespace

OwnedColumn concat(const std::vector<ColumnView>& parts, const std::vector<Remap>& remaps, Context context) {
  OwnedColumn out;
  out.storage = parts[0].storage == Storage::Dictionary ? Storage::U32 : parts[0].storage;
  out.width = parts[0].width;
  for (const ColumnView& part : parts) out.length += part.length;
  if (out.length > std::numeric_limits<int32_t>::max()) {
    throw KernelError("MEMORY_BUDGET", "one partition would hold more than 2^31 - 1 rows");
  }
  const std::vector<Piece> pieces = piecesOf(parts);
  concatValidity(parts, pieces, context, out);
  if (out.storage == Storage::Plain) {
    concatPlain(parts, pieces, context, out);
  } else {
    concatValues(parts, remaps, pieces, context, out);
  }
  return out;
}

}  // namespace gdf::concat
