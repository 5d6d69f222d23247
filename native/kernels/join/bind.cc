// join(left, leftRows, right, rightRows, spec, run) -> Promise<{ columns, rowCount, sharesLeft }>
//
// spec: { how, leftKeys, rightKeys, nullEquals, buildRight, leftOutputs, rightOutputs, mostRows }; keys and outputs are
// Int32Arrays of column numbers. With `sharesLeft` the left output columns are the input's own and are not among
// `columns`.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/gather/gather.h"
#include "kernels/join/join.h"

namespace gdf::join {
namespace {

struct Result {
  std::vector<OwnedColumn> columns;
  int64_t rowCount = 0;
  bool sharesLeft = false;
};

How howOf(Napi::Env env, const std::string& name) {
  constexpr const char* kNames[] = {"inner", "left", "right", "full", "semi", "anti"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (name == kNames[i]) return static_cast<How>(i);
  }
  throw Napi::TypeError::New(env, "unknown kind of join");
}

std::vector<ColumnView> pick(const std::vector<ColumnView>& columns, const Napi::Value& numbers) {
  const auto indices = numbers.As<Napi::Int32Array>();
  std::vector<ColumnView> picked;
  for (size_t i = 0; i < indices.ElementLength(); ++i) picked.push_back(columns.at(static_cast<size_t>(indices[i])));
  return picked;
}

Napi::Value call(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto leftColumns = toColumnViews(info[0]);
  const auto rightColumns = toColumnViews(info[2]);
  const auto js = info[4].As<Napi::Object>();
  const Side left{pick(leftColumns, js.Get("leftKeys")), info[1].ToNumber().Int64Value()};
  const Side right{pick(rightColumns, js.Get("rightKeys")), info[3].ToNumber().Int64Value()};
  const Spec spec{howOf(env, js.Get("how").ToString()), js.Get("nullEquals").ToBoolean(),
                  js.Get("buildRight").ToBoolean(), js.Get("mostRows").ToNumber().Int64Value()};
  Napi::Array keepAlive = Napi::Array::New(env, 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[2]);
  return startJob(
      env, keepAlive, contextOf(info[5]),
      [left, right, spec, leftOutputs = pick(leftColumns, js.Get("leftOutputs")),
       rightOutputs = pick(rightColumns, js.Get("rightOutputs"))](Context context) {
        const Matches matches = match(left, right, spec, context);
        Result result;
        result.rowCount = matches.count;
        result.sharesLeft = !matches.left;
        if (matches.left) {
          result.columns =
              gather(leftOutputs, {matches.left->as<uint32_t>(), matches.count, matches.leftMayMiss}, context);
        }
        for (const ColumnView& column : rightOutputs) {
          const RowNumbers rows{matches.right->as<uint32_t>(), matches.count, matches.rightMayMiss};
          result.columns.push_back(gather(column, rows, context));
        }
        return result;
      },
      [](Napi::Env inner, const Result& result) {
        Napi::Object object = Napi::Object::New(inner);
        object.Set("columns", toJs(inner, result.columns));
        object.Set("rowCount", static_cast<double>(result.rowCount));
        object.Set("sharesLeft", result.sharesLeft);
        return Napi::Value(object);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) { exports.Set("join", exported(env, call)); });

}  // namespace
}  // namespace gdf::join
