#include "kernels/evaluate/evaluate.h"

#include <atomic>

#include "core/bitmap.h"
#include "core/error.h"
#include "core/morsel.h"
#include "kernels/evaluate/kernels.h"
#include "kernels/evaluate/output.h"
#include "kernels/evaluate/selection.h"

namespace gdf::evaluate {
namespace {

/// Runs the program's code for one morsel; its output rows start at `outputRow`.
class MorselRun {
 public:
  MorselRun(const Program& program, Frame& frame, OutputSet& outputs, int64_t outputRow)
      : program_(program), frame_(frame), writer_(outputs, outputRow) {}

  void dense(int64_t begin, int64_t end) {
    frame_.selection = nullptr;
    for (int64_t row = begin; row < end; row += kVectorRows) {
      frame_.base = row;
      vector(std::min(end - row, kVectorRows));
    }
    writer_.finish();
  }

  void selected(const uint8_t* bits, int64_t begin, int64_t end) {
    uint32_t rows[kVectorRows + 64];
    uint32_t* last = rows;
    for (int64_t row = begin; row < end; row += 64) {
      last = appendRows(loadBits(bits, row, 64), static_cast<uint32_t>(row), last);
      if (last - rows < kVectorRows) continue;
      selectedVector(rows, kVectorRows);
      last = std::copy(rows + kVectorRows, last, rows);
    }
    if (last > rows) selectedVector(rows, last - rows);
    writer_.finish();
  }

 private:
  void selectedVector(const uint32_t* rows, int64_t count) {
    frame_.selection = rows;
    vector(count);
  }
  void vector(int64_t count) {
    frame_.count = count;
    writer_.aim(frame_);
    frame_.run(program_.code);
    writer_.collect(frame_);
  }

  const Program& program_;
  Frame& frame_;
  MorselWriter writer_;
};

Failure firstFailure(const std::vector<Frame>& frames) {
  Failure failure;
  for (const Frame& frame : frames) failure.merge(frame.failure);
  return failure;
}

void runMorsels(const Program& program, std::vector<Frame>& frames, const Selection& selection, int64_t rowCount,
                OutputSet& outputs, Context context) {
  // Morsels behind a failure need not run: the smallest row is in this one or before it.
  std::atomic<int64_t> lastRow{firstFailure(frames).row};
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t morsel, int lane) {
    if (begin > lastRow.load(std::memory_order_relaxed)) return;
    Frame& frame = frames[static_cast<size_t>(lane)];
    const auto m = static_cast<size_t>(morsel);
    MorselRun run(program, frame, outputs, selection.starts[m]);
    if (selection.starts[m + 1] - selection.starts[m] == end - begin) {
      run.dense(begin, end);
    } else {
      run.selected(selection.bits->data(), begin, end);
    }
    int64_t known = lastRow.load(std::memory_order_relaxed);
    while (frame.failure.row < known && !lastRow.compare_exchange_weak(known, frame.failure.row)) {
    }
  });
}

}  // namespace

Frame::Frame(const Program& program, const std::vector<ColumnView>& columns) : program(program), columns(columns) {
  const auto slots = static_cast<size_t>(program.slots);
  arena.resize(slots * slotBytes());
  for (int32_t slot = 0; slot < program.slots; ++slot) write.push_back(arenaSlot(slot));
  read.assign(write.begin(), write.end());
  direct.assign(slots, 0);
  run(program.fills);
}

Kernel selectKernel(const Instruction& instruction) {
  for (const auto family : {selectQuotient, selectRoundedProduct, selectWide, selectLoad, selectLogic, selectMembership,
                            selectConvert, selectCompare, selectFloat, selectRoutine, selectInteger}) {
    if (const Kernel kernel = family(instruction)) return kernel;
  }
  throw KernelError("INVALID_ARGUMENT", "the program holds an instruction that the addon does not know");
}

Result evaluate(const Program& program, const std::vector<ColumnView>& columns, int64_t rowCount, Context context) {
  const auto lanes = std::clamp<int64_t>(morselCount(rowCount), 1, context.threads);
  std::vector<Frame> frames;
  frames.reserve(static_cast<size_t>(lanes));
  for (int64_t lane = 0; lane < lanes; ++lane) frames.emplace_back(program, columns);
  const Selection selection = program.hasPredicate ? selectRows(program, frames, rowCount, context) : allRows(rowCount);
  OutputSet outputs(program, selection.count());
  for (Frame& frame : frames) outputs.markDirect(frame);
  runMorsels(program, frames, selection, rowCount, outputs, context);
  const Failure failure = firstFailure(frames);
  if (failure.happened()) {
    KernelError error("CHECK_FAILED", "a checked operation failed");
    error.row = failure.row;
    error.site = failure.site;
    throw error;
  }
  return {outputs.take(), selection.count()};
}

}  // namespace gdf::evaluate
