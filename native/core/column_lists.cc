// Columns by the thousand, in parts: making or reading the objects of all of them takes longer than a turn of the event
// loop may. Few columns are plain arrays.
// newViews() -> views                    columns for one call: { views } is in place of the array
// addViews(views, columns)               more of them, read as the call would; what they read stays the caller's
// takeColumns(list, count) -> columns    of a result: the next ones, at most `count`; none are left where it is empty
// freeColumns(list)                      those that were not taken
#include <napi.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/block.h"
#include "core/convert.h"
#include "core/registry.h"

namespace gdf {
namespace {

/// More are a list. As MOST_AT_ONCE in src/device/cpu/column_lists.ts.
constexpr size_t kMostAtOnce = 64;

/// A job owns the blocks that it reads, from its start: until then whoever asks for the job must hold them.
struct Views {
  std::vector<ColumnView> columns;
  std::vector<std::weak_ptr<Buffer>> blocks;
};

struct List {
  std::vector<OwnedColumn> columns;
  size_t taken = 0;

  explicit List(std::vector<OwnedColumn> all) : columns(std::move(all)) {}
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List() { clear(); }
  void clear() {
    for (; taken < columns.size(); ++taken) drop(columns[taken]);
    columns.clear();
    taken = 0;
  }
  static void drop(OwnedColumn& column) {
    letGo(std::move(column.validity));
    letGo(std::move(column.values));
    letGo(std::move(column.bytes));
    column = {};
  }
};

template <class T>
Napi::Value toHandle(Napi::Env env, std::unique_ptr<T> owned) {
  Napi::Value handle = Napi::External<T>::New(env, owned.get(), [](Napi::Env, T* last) { delete last; });
  owned.release();
  return handle;
}

template <class T>
T& behind(const Napi::Value& handle, const char* what) {
  if (!handle.IsExternal()) throw Napi::TypeError::New(handle.Env(), std::string("not ") + what);
  return *handle.As<Napi::External<T>>().Data();
}

void appendViews(const Napi::Array& array, std::vector<ColumnView>& columns) {
  for (uint32_t i = 0; i < array.Length(); ++i) columns.push_back(toColumnView(array.Get(i)));
}

Napi::Value newViews(const Napi::CallbackInfo& info) {
  return toHandle(info.Env(), std::make_unique<Views>());
}

Napi::Value addViews(const Napi::CallbackInfo& info) {
  auto& views = behind<Views>(info[0], "views");
  appendViews(info[1].As<Napi::Array>(), views.columns);
  const std::vector<BufferPtr> read = takeReadByNextJob();
  views.blocks.insert(views.blocks.end(), read.begin(), read.end());
  return info.Env().Undefined();
}

Napi::Value takeColumns(const Napi::CallbackInfo& info) {
  auto& list = behind<List>(info[0], "a list of columns");
  const size_t left = list.columns.size() - list.taken;
  const size_t count = std::min<size_t>(info[1].ToNumber().Uint32Value(), left);
  Napi::Array array = Napi::Array::New(info.Env(), count);
  for (uint32_t i = 0; i < count; ++i) {
    array.Set(i, toJs(info.Env(), list.columns[list.taken]));
    list.columns[list.taken++] = {};
  }
  return array;
}

Napi::Value freeColumns(const Napi::CallbackInfo& info) {
  behind<List>(info[0], "a list of columns").clear();
  return info.Env().Undefined();
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("newViews", exported(env, newViews));
  exports.Set("addViews", exported(env, addViews));
  exports.Set("takeColumns", exported(env, takeColumns));
  exports.Set("freeColumns", exported(env, freeColumns));
});

}  // namespace

std::vector<ColumnView> toColumnViews(const Napi::Value& value) {
  if (value.IsArray()) {
    const auto array = value.As<Napi::Array>();
    std::vector<ColumnView> columns;
    columns.reserve(array.Length());
    appendViews(array, columns);
    return columns;
  }
  const auto& views = behind<Views>(value.As<Napi::Object>().Get("views"), "columns");
  for (const std::weak_ptr<Buffer>& block : views.blocks) {
    BufferPtr buffer = block.lock();
    if (!buffer) throw Napi::Error::New(value.Env(), "a block is used after it was freed");
    addReadByNextJob(std::move(buffer));
  }
  return views.columns;
}

Napi::Value toJs(Napi::Env env, const std::vector<OwnedColumn>& columns) {
  if (columns.size() > kMostAtOnce) return toHandle(env, std::make_unique<List>(columns));
  Napi::Array array = Napi::Array::New(env, columns.size());
  for (uint32_t i = 0; i < columns.size(); ++i) array.Set(i, toJs(env, columns[i]));
  return array;
}

}  // namespace gdf
