#include "kernels/aggregate/emit.h"

#include <algorithm>
#include <cstring>

#include "core/bitmap.h"
#include "kernels/aggregate/order.h"

namespace gdf::aggregate {
namespace {

constexpr size_t kPieceGroups = 4096;
constexpr size_t kShortPieceGroups = 128;

/// Bytes of 0 or 1 to a bitmap; returns how many are 1.
int64_t packBytes(const BufferPtr& bytes, size_t rows, BufferPtr& bitmap) {
  bitmap = Buffer::allocateZeroed(static_cast<size_t>(bitmapBytes(static_cast<int64_t>(rows))));
  BitmapWriter writer(bitmap->data(), 0);
  writer.appendBytes(bytes->data(), static_cast<int64_t>(rows));
  writer.finish();
  return countBits(bitmap->data(), 0, static_cast<int64_t>(rows));
}

template <class Float>
void canonicaliseAs(OwnedColumn& column) {
  auto* values = column.values->as<Float>();
  for (int64_t row = 0; row < column.length; ++row) values[row] = std::bit_cast<Float>(canonicalBits(values[row]));
}

}  // namespace

void canonicalise(OwnedColumn& column) {
  if (column.storage == Storage::F64) canonicaliseAs<double>(column);
  if (column.storage == Storage::F32) canonicaliseAs<float>(column);
}

ColumnOutput::ColumnOutput(Storage storage, size_t valueBytes, size_t rows, bool nullable)
    : storage_(storage), rows_(rows), values_(Buffer::allocate(rows * valueBytes)) {
  if (!nullable) return;
  valid_ = Buffer::allocate(rows);
  std::memset(valid_->data(), 1, rows);
}

OwnedColumn ColumnOutput::finish(int width) {
  OwnedColumn column;
  column.storage = storage_;
  column.length = static_cast<int64_t>(rows_);
  column.width = width;
  column.values = values_;
  if (storage_ == Storage::Bool) packBytes(values_, rows_, column.values);
  if (!valid_) return column;
  BufferPtr validity;
  column.nullCount = column.length - packBytes(valid_, rows_, validity);
  if (column.nullCount > 0) column.validity = validity;
  return column;
}

namespace {

/// The groups of all parts in runs. Groups of a partition are numbered about as their rows come, so a short run of them
/// covers a short range of the result; in the order of these ranges, threads write to few cache lines at a time.
std::vector<Piece> piecesOf(const EmitContext& context, const Grouping& grouping) {
  const size_t run = grouping.parts.size() == 1 ? kPieceGroups : kShortPieceGroups;
  std::vector<Piece> pieces;
  for (size_t p = 0; p < grouping.parts.size(); ++p) {
    const Part& part = grouping.parts[p];
    for (size_t begin = 1; begin < part.firstRows.size(); begin += run) {
      pieces.push_back({&part, &context.placement.positions[p], begin, std::min(part.firstRows.size(), begin + run)});
    }
  }
  const auto start = [](const Piece& piece) { return (*piece.positions)[piece.begin]; };
  if (grouping.parts.size() > 1) {
    std::sort(pieces.begin(), pieces.end(), [&](const Piece& a, const Piece& b) { return start(a) < start(b); });
  }
  return pieces;
}

}  // namespace

std::vector<OwnedColumn> emitAll(const EmitContext& context, const Grouping& grouping,
                                 const std::vector<std::unique_ptr<Emitter>>& emitters) {
  const std::vector<Piece> pieces = piecesOf(context, grouping);
  // Tasks of about the same number of groups, however long the runs are.
  const size_t taskPieces = grouping.parts.size() == 1 ? 1 : kPieceGroups / kShortPieceGroups;
  std::vector<Finalizer> finalizers(static_cast<size_t>(context.context.threads));
  context.context.parallelFor((pieces.size() + taskPieces - 1) / taskPieces, [&](size_t task, int lane) {
    const size_t end = std::min(pieces.size(), (task + 1) * taskPieces);
    for (size_t piece = task * taskPieces; piece < end; ++piece) {
      for (const auto& emitter : emitters) emitter->write(pieces[piece], finalizers[static_cast<size_t>(lane)]);
    }
  });
  std::vector<OwnedColumn> columns;
  for (const auto& emitter : emitters) columns.push_back(emitter->finish());
  return columns;
}

}  // namespace gdf::aggregate
