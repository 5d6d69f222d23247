#include "kernels/gather/gather.h"

#include <atomic>
#include <cstring>
#include <limits>

#include "core/bitmap.h"
#include "core/error.h"
#include "core/morsel.h"

namespace gdf {
namespace {

// Far enough ahead to cover a cache miss, near enough to stay in the ten or so misses a core keeps in flight.
constexpr int64_t kPrefetchRows = 24;

inline void prefetch(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(address);
#endif
}

template <class T>
void gatherValues(const T* values, const RowNumbers& rows, int64_t begin, int64_t end, T* out) {
  const uint32_t* row = rows.rows;
  const int64_t ahead = std::max(begin, end - kPrefetchRows);
  const auto one = [&](int64_t i) {
    if (rows.mayMiss) {
      out[i] = row[i] == kNoRow ? T{} : values[row[i]];
    } else {
      out[i] = values[row[i]];
    }
  };
  int64_t i = begin;
  for (; i < ahead; ++i) {
    prefetch(values + row[i + kPrefetchRows]);
    one(i);
  }
  for (; i < end; ++i) one(i);
}

struct Wide {
  uint32_t words[4];
};

void gatherWords(const ColumnView& column, const RowNumbers& rows, int64_t begin, int64_t end, uint32_t* out) {
  const auto width = static_cast<size_t>(column.width);
  for (int64_t i = begin; i < end; ++i) {
    uint32_t* target = out + static_cast<size_t>(i) * width;
    if (rows.rows[i] == kNoRow) {
      std::memset(target, 0, width * 4);
    } else {
      std::memcpy(target, column.as<uint32_t>() + rows.rows[i] * width, width * 4);
    }
  }
}

/// Bits of 64 rows from `begin`; a missing row gives 0. A null bitmap has only ones.
uint64_t gatherBits(const uint8_t* bitmap, const RowNumbers& rows, int64_t begin, int64_t end) {
  uint64_t bits = 0;
  for (int64_t i = begin; i < end; ++i) {
    const uint32_t row = rows.rows[i];
    uint64_t bit = 1;
    if (rows.mayMiss && row == kNoRow) {
      bit = 0;
    } else if (bitmap != nullptr) {
      bit = (bitmap[row >> 3] >> (row & 7)) & 1;
    }
    bits |= bit << (i - begin);
  }
  return bits;
}

/// Returns how many bits are zero. `begin` is a multiple of 64.
int64_t gatherBitmap(const uint8_t* bitmap, const RowNumbers& rows, int64_t begin, int64_t end, uint8_t* out) {
  int64_t zeros = 0;
  for (int64_t i = begin; i < end; i += 64) {
    const int64_t stop = std::min(end, i + 64);
    const uint64_t bits = gatherBits(bitmap, rows, i, stop);
    zeros += stop - i - std::popcount(bits);
    std::memcpy(out + (i >> 3), &bits, static_cast<size_t>(bitmapBytes(stop - i)));
  }
  return zeros;
}

void gatherRange(const ColumnView& column, const RowNumbers& rows, int64_t begin, int64_t end, uint8_t* out) {
  switch (column.storage) {
    case Storage::Bool:
      gatherBitmap(static_cast<const uint8_t*>(column.values), rows, begin, end, out);
      return;
    case Storage::Words:
      gatherWords(column, rows, begin, end, reinterpret_cast<uint32_t*>(out));
      return;
    default:
      break;
  }
  switch (storageBytes(column.storage)) {
    case 1:
      return gatherValues(column.as<uint8_t>(), rows, begin, end, out);
    case 2:
      return gatherValues(column.as<uint16_t>(), rows, begin, end, reinterpret_cast<uint16_t*>(out));
    case 4:
      return gatherValues(column.as<uint32_t>(), rows, begin, end, reinterpret_cast<uint32_t*>(out));
    case 16:
      return gatherValues(column.as<Wide>(), rows, begin, end, reinterpret_cast<Wide*>(out));
    default:
      return gatherValues(column.as<uint64_t>(), rows, begin, end, reinterpret_cast<uint64_t*>(out));
  }
}

int64_t outputBytes(const ColumnView& column, int64_t count) {
  if (column.storage == Storage::Bool) return bitmapBytes(count);
  if (column.storage == Storage::Words) return count * column.width * 4;
  return count * storageBytes(column.storage);
}

struct Text {
  int32_t start = 0;
  int32_t length = 0;
};

Text textOf(const ColumnView& column, uint32_t row) {
  if (row == kNoRow || !column.isValid(row)) return {};
  const auto* offsets = column.as<int32_t>();
  return {offsets[row], offsets[row + 1] - offsets[row]};
}

/// Lengths are summed by morsel first, so that every morsel then knows where its bytes go.
void gatherPlain(const ColumnView& column, const RowNumbers& rows, Context context, OwnedColumn& out) {
  std::vector<int64_t> starts(static_cast<size_t>(morselCount(rows.count)) + 1, 0);
  forMorsels(context, rows.count, [&](int64_t begin, int64_t end, int64_t morsel, int) {
    int64_t bytes = 0;
    for (int64_t i = begin; i < end; ++i) bytes += textOf(column, rows.rows[i]).length;
    starts[static_cast<size_t>(morsel) + 1] = bytes;
  });
  for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  if (starts.back() > std::numeric_limits<int32_t>::max()) {
    throw KernelError("MEMORY_BUDGET", "a string column of one partition would hold more than 2 GiB of text");
  }
  out.values = Buffer::allocate(static_cast<size_t>(rows.count + 1) * 4);
  out.bytes = Buffer::allocate(static_cast<size_t>(starts.back()));
  auto* offsets = out.values->as<int32_t>();
  offsets[0] = 0;
  forMorsels(context, rows.count, [&](int64_t begin, int64_t end, int64_t morsel, int) {
    int64_t position = starts[static_cast<size_t>(morsel)];
    for (int64_t i = begin; i < end; ++i) {
      const Text text = textOf(column, rows.rows[i]);
      if (text.length > 0) {
        std::memcpy(out.bytes->data() + position, column.bytes + text.start, static_cast<size_t>(text.length));
      }
      position += text.length;
      offsets[i + 1] = static_cast<int32_t>(position);
    }
  });
}

void gatherValidity(const ColumnView& column, const RowNumbers& rows, Context context, OwnedColumn& out) {
  if (column.validity == nullptr && !rows.mayMiss) return;
  BufferPtr validity = Buffer::allocate(static_cast<size_t>(bitmapBytes(rows.count)));
  std::atomic<int64_t> nulls{0};
  forMorsels(context, rows.count, [&](int64_t begin, int64_t end, int64_t, int) {
    nulls += gatherBitmap(column.validity, rows, begin, end, validity->data());
  });
  out.nullCount = nulls;
  if (out.nullCount > 0) out.validity = std::move(validity);
}

}  // namespace

OwnedColumn gather(const ColumnView& column, const RowNumbers& rows, Context context) {
  OwnedColumn out;
  out.storage = column.storage == Storage::Dictionary ? Storage::U32 : column.storage;
  out.length = rows.count;
  out.width = column.width;
  gatherValidity(column, rows, context, out);
  if (column.storage == Storage::Plain) {
    gatherPlain(column, rows, context, out);
    return out;
  }
  out.values = Buffer::allocate(static_cast<size_t>(outputBytes(column, rows.count)));
  forMorsels(context, rows.count, [&](int64_t begin, int64_t end, int64_t, int) {
    gatherRange(column, rows, begin, end, out.values->data());
  });
  return out;
}

std::vector<OwnedColumn> gather(const std::vector<ColumnView>& columns, const RowNumbers& rows, Context context) {
  std::vector<OwnedColumn> out;
  out.reserve(columns.size());
  for (const ColumnView& column : columns) out.push_back(gather(column, rows, context));
  return out;
}

}  // namespace gdf
