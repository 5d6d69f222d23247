// Dictionary-encodes a text a row: every thread encodes a run of rows, then the dictionaries of the runs are unified in
// the order of the rows, so that codes stand in order of first appearance however many threads there were.
#pragma once

#include <limits>
#include <vector>

#include "core/buffer.h"
#include "core/error.h"
#include "core/morsel.h"
#include "kernels/dictionary/dictionary.h"
#include "kernels/dictionary/entry_table.h"

namespace gdf::dictionary {

/// A dictionary that grows.
class DictionaryBuilder {
 public:
  uint32_t add(const Text& text) {
    const auto next = static_cast<uint32_t>(offsets_.size() - 1);
    const auto textOf = [this](uint32_t number) { return textAt(offsets_.data(), bytes_.data(), number); };
    const uint32_t code = table_.insert(text, hashText(text), next, textOf);
    if (code == next) {
      if (static_cast<int64_t>(bytes_.size()) + text.length > std::numeric_limits<int32_t>::max()) {
        throw KernelError("MEMORY_BUDGET", "a dictionary would hold more than 2 GiB of text");
      }
      bytes_.insert(bytes_.end(), text.bytes, text.bytes + text.length);
      offsets_.push_back(static_cast<int32_t>(bytes_.size()));
    }
    return code;
  }
  DictionaryView view() const { return {offsets_.data(), bytes_.data(), static_cast<int64_t>(offsets_.size()) - 1}; }

 private:
  EntryTable table_;
  std::vector<int32_t> offsets_{0};
  std::vector<uint8_t> bytes_;
};

inline void storeDictionary(const DictionaryView& dictionary, OwnedColumn& out) {
  const int64_t bytes = dictionary.offsets[dictionary.size];
  out.dictionaryOffsets = Buffer::allocate(static_cast<size_t>(dictionary.size + 1) * 4);
  out.dictionaryBytes = Buffer::allocate(static_cast<size_t>(bytes));
  std::memcpy(out.dictionaryOffsets->data(), dictionary.offsets, static_cast<size_t>(dictionary.size + 1) * 4);
  if (bytes > 0) std::memcpy(out.dictionaryBytes->data(), dictionary.bytes, static_cast<size_t>(bytes));
}

/// makeEncoder() gives an object of one thread's own: encoder(row, builder) -> code.
template <class MakeEncoder>
OwnedColumn encodeRows(int64_t length, Context context, const MakeEncoder& makeEncoder) {
  OwnedColumn out;
  out.storage = Storage::Dictionary;
  out.length = length;
  out.values = Buffer::allocate(static_cast<size_t>(length) * 4);
  auto* codes = out.values->as<uint32_t>();
  const int64_t runs = std::clamp<int64_t>(morselCount(length), 1, context.threads);
  const int64_t runRows = (length + runs - 1) / runs;
  std::vector<DictionaryBuilder> builders(static_cast<size_t>(runs));
  const auto eachRun = [&](const auto& body) {
    context.parallelFor(builders.size(), [&](size_t run, int) {
      const auto begin = std::min(length, static_cast<int64_t>(run) * runRows);
      body(run, begin, std::min(length, begin + runRows));
    });
  };
  eachRun([&](size_t run, int64_t begin, int64_t end) {
    auto encoder = makeEncoder();
    for (int64_t row = begin; row < end; ++row) codes[row] = encoder(row, builders[run]);
  });
  std::vector<DictionaryView> views;
  for (const DictionaryBuilder& builder : builders) views.push_back(builder.view());
  if (runs == 1) {
    storeDictionary(views[0], out);
    return out;
  }
  const Unified unified = unify(views, context);
  eachRun([&](size_t run, int64_t begin, int64_t end) {
    const uint32_t* remap = unified.remaps[run]->as<uint32_t>();
    if (views[run].size == 0) return;  // only nulls: their codes may be anything
    for (int64_t row = begin; row < end; ++row) codes[row] = remap[codes[row]];
  });
  if (unified.offsets) {
    out.dictionaryOffsets = unified.offsets;
    out.dictionaryBytes = unified.bytes;
  } else {
    storeDictionary(views[0], out);
  }
  return out;
}

}  // namespace gdf::dictionary
