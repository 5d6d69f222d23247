#include "kernels/dictionary/dictionary.h"

#include "core/error.h"
#include "core/morsel.h"
#include "kernels/dictionary/entry_table.h"

namespace gdf::dictionary {
namespace {

std::vector<uint64_t> hashesOf(const DictionaryView& dictionary, Context context) {
  std::vector<uint64_t> hashes(static_cast<size_t>(dictionary.size));
  forMorsels(context, dictionary.size, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t k = begin; k < end; ++k) hashes[static_cast<size_t>(k)] = hashText(textAt(dictionary, k));
  });
  return hashes;
}

/// Texts in order, one after the other.
class TextList {
 public:
  void add(const Text& text) {
    texts_.push_back(text);
    bytes_ += text.length;
  }
  int64_t size() const { return static_cast<int64_t>(texts_.size()); }
  const Text& at(uint32_t number) const { return texts_[number]; }

  void store(BufferPtr& offsets, BufferPtr& bytes) const {
    if (bytes_ > INT32_MAX) throw KernelError("MEMORY_BUDGET", "a dictionary would hold more than 2 GiB of text");
    offsets = Buffer::allocate((texts_.size() + 1) * 4);
    bytes = Buffer::allocate(static_cast<size_t>(bytes_));
    auto* offset = offsets->as<int32_t>();
    *offset = 0;
    for (const Text& text : texts_) {
      if (text.length > 0) std::memcpy(bytes->data() + *offset, text.bytes, static_cast<size_t>(text.length));
      offset[1] = *offset + static_cast<int32_t>(text.length);
      ++offset;
    }
  }

 private:
  std::vector<Text> texts_;
  int64_t bytes_ = 0;
};

}  // namespace

Unified unify(const std::vector<DictionaryView>& dictionaries, Context context) {
  Unified unified;
  TextList texts;
  EntryTable table(dictionaries.empty() ? 0 : dictionaries[0].size);
  const auto textOf = [&](uint32_t number) { return texts.at(number); };
  for (const DictionaryView& dictionary : dictionaries) {
    const std::vector<uint64_t> hashes = hashesOf(dictionary, context);
    BufferPtr remap = Buffer::allocate(static_cast<size_t>(dictionary.size) * 4);
    for (int64_t k = 0; k < dictionary.size; ++k) {
      const Text text = textAt(dictionary, k);
      const auto next = static_cast<uint32_t>(texts.size());
      const uint32_t code = table.insert(text, hashes[static_cast<size_t>(k)], next, textOf);
      if (code == next) texts.add(text);
      remap->as<uint32_t>()[k] = code;
    }
    unified.remaps.push_back(std::move(remap));
  }
  if (!dictionaries.empty() && texts.size() > dictionaries[0].size) texts.store(unified.offsets, unified.bytes);
  return unified;
}

std::vector<uint32_t> translate(const DictionaryView& from, const DictionaryView& to, Context context) {
  const std::vector<uint64_t> hashes = hashesOf(to, context);
  EntryTable table(to.size);
  const auto textOf = [&](uint32_t number) { return textAt(to, number); };
  for (int64_t k = 0; k < to.size; ++k) {
    table.insert(textAt(to, k), hashes[static_cast<size_t>(k)], static_cast<uint32_t>(k), textOf);
  }
  std::vector<uint32_t> codes(static_cast<size_t>(from.size));
  forMorsels(context, from.size, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t k = begin; k < end; ++k) {
      const Text text = textAt(from, k);
      codes[static_cast<size_t>(k)] = table.lookup(text, hashText(text), textOf);
    }
  });
  return codes;
}

std::vector<uint32_t> find(const DictionaryView& dictionary, const DictionaryView& texts, Context context) {
  EntryTable table(texts.size);
  const auto textOf = [&](uint32_t number) { return textAt(texts, number); };
  std::vector<uint32_t> first(static_cast<size_t>(texts.size));  // equal texts share their first one's answer
  for (int64_t i = 0; i < texts.size; ++i) {
    const Text text = textAt(texts, i);
    first[static_cast<size_t>(i)] = table.insert(text, hashText(text), static_cast<uint32_t>(i), textOf);
  }
  std::vector<uint32_t> codes(static_cast<size_t>(texts.size), kMissing);
  forMorsels(context, dictionary.size, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t k = begin; k < end; ++k) {
      const Text text = textAt(dictionary, k);
      const uint32_t found = table.lookup(text, hashText(text), textOf);
      if (found != EntryTable::kNone) codes[found] = static_cast<uint32_t>(k);  // entries are distinct: one writer
    }
  });
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = codes[first[i]];
  return codes;
}

}  // namespace gdf::dictionary
