// sliceBitmaps(bitmaps: Span[], offset, length, run) -> Promise<{ bits: block or Uint8Array, ones }[]>
// The bits [offset, offset + length) of each bitmap, moved to bit 0, and how many of them are set. Everything else of a
// column is sliced in JavaScript by sharing memory.
#include <napi.h>

#include <atomic>

#include "core/bitmap.h"
#include "core/convert.h"
#include "core/job.h"
#include "core/morsel.h"
#include "core/registry.h"
#include "core/run.h"

namespace gdf::slice {
namespace {

struct Cut {
  BufferPtr bits;
  int64_t ones;
};

Cut cutBitmap(const uint8_t* bitmap, int64_t offset, int64_t length, Context context) {
  BufferPtr out = Buffer::allocate(static_cast<size_t>(bitmapBytes(length)));
  std::atomic<int64_t> ones{0};
  forMorsels(context, length, [&](int64_t begin, int64_t end, int64_t, int) {
    int64_t set = 0;
    for (int64_t i = begin; i < end; i += 64) {
      const int64_t count = std::min<int64_t>(64, end - i);
      const uint64_t bits = loadBits(bitmap, offset + i, count);
      set += std::popcount(bits);
      std::memcpy(out->data() + (i >> 3), &bits, static_cast<size_t>(bitmapBytes(count)));
    }
    ones += set;
  });
  return {out, ones};
}

Napi::Value call(const Napi::CallbackInfo& info) {
  const auto array = info[0].As<Napi::Array>();
  const int64_t offset = info[1].ToNumber().Int64Value();
  const int64_t length = info[2].ToNumber().Int64Value();
  std::vector<Bytes> bitmaps;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    bitmaps.push_back(toBytes(array.Get(i), "a bitmap"));
    if (static_cast<int64_t>(bitmaps.back().size) < bitmapBytes(offset + length)) {
      throw Napi::TypeError::New(info.Env(), "a bitmap is shorter than the slice");
    }
  }
  return startJob(
      info.Env(), info[0], contextOf(info[3]),
      [bitmaps = std::move(bitmaps), offset, length](Context context) {
        std::vector<Cut> cuts;
        for (const Bytes& bitmap : bitmaps) cuts.push_back(cutBitmap(bitmap.data, offset, length, context));
        return cuts;
      },
      [](Napi::Env env, const std::vector<Cut>& cuts) {
        Napi::Array result = Napi::Array::New(env, cuts.size());
        for (uint32_t i = 0; i < cuts.size(); ++i) {
          Napi::Object cut = Napi::Object::New(env);
          cut.Set("bits", toBlockOrArray(env, cuts[i].bits));
          cut.Set("ones", static_cast<double>(cuts[i].ones));
          result.Set(i, cut);
        }
        return Napi::Value(result);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("sliceBitmaps", exported(env, call));
});

}  // namespace
}  // namespace gdf::slice
