#include "kernels/text/text.h"

#include "core/morsel.h"
#include "kernels/dictionary/encode.h"

namespace gdf::text {
namespace {

// Texts may be long: fewer of them a morsel than of numbers. Whole words of a bitmap all the same.
constexpr int64_t kMorselEntries = 4096;

BufferPtr bitsOf(const std::vector<uint8_t>& flags) {
  BufferPtr bits = Buffer::allocateZeroed((flags.size() + 31) / 32 * 4);
  for (size_t k = 0; k < flags.size(); ++k) {
    if (flags[k] != 0) bits->data()[k >> 3] |= static_cast<uint8_t>(1 << (k & 7));
  }
  return bits;
}

}  // namespace

BufferPtr matchRegex(const DictionaryView& dictionary, const Regex& regex, Context context) {
  BufferPtr bits = Buffer::allocateZeroed(static_cast<size_t>((dictionary.size + 31) / 32 * 4));
  forMorsels(
      context, dictionary.size,
      [&](int64_t begin, int64_t end, int64_t, int) {
        Matcher matches(regex);
        for (int64_t k = begin; k < end; ++k) {
          if (matches(dictionary::textAt(dictionary, k))) bits->data()[k >> 3] |= static_cast<uint8_t>(1 << (k & 7));
        }
      },
      kMorselEntries);
  return bits;
}

BufferPtr lengths(const DictionaryView& dictionary, bool inBytes, Context context) {
  BufferPtr result = Buffer::allocate(static_cast<size_t>(dictionary.size) * 4);
  forMorsels(
      context, dictionary.size,
      [&](int64_t begin, int64_t end, int64_t, int) {
        for (int64_t k = begin; k < end; ++k) {
          const Text text = dictionary::textAt(dictionary, k);
          const int64_t length = inBytes ? text.length : countCodePoints(text.bytes, text.length);
          result->as<uint32_t>()[k] = static_cast<uint32_t>(length);
        }
      },
      kMorselEntries);
  return result;
}

Mapped map(const DictionaryView& dictionary, const Function& function, Context context) {
  const bool isPartial = function.kind == Function::Kind::Part;
  std::vector<uint8_t> exists(isPartial ? static_cast<size_t>(dictionary.size) : 0);
  Mapped mapped;
  mapped.column = dictionary::encodeRows(dictionary.size, context, [&] {
    return [&, mapper = std::shared_ptr<TextMapper>(makeMapper(function)), out = std::vector<uint8_t>()](
               int64_t k, dictionary::DictionaryBuilder& builder) mutable -> uint32_t {
      out.clear();
      const bool has = mapper->apply(dictionary::textAt(dictionary, k), out);
      if (isPartial) exists[static_cast<size_t>(k)] = has;
      return has ? builder.add({out.data(), static_cast<int64_t>(out.size())}) : 0;
    };
  });
  if (isPartial) mapped.exists = bitsOf(exists);
  return mapped;
}

}  // namespace gdf::text
