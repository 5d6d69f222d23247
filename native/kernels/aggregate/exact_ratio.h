// Exact numbers made of counts and sums, and their quotient or its root, rounded once.
#pragma once

#include <vector>

#include "kernels/aggregate/natural.h"
#include "kernels/aggregate/plan.h"
#include "kernels/aggregate/sum_state.h"

namespace gdf::aggregate {

/// +-magnitude * 2^exponent
struct ExactNumber {
  Natural magnitude;
  int exponent = 0;
  bool negative = false;
};

/// The steps of one call, group after group; its numbers are kept so that they allocate once.
class ExactRatio {
 public:
  void start(const Call& call) { numbers_.resize(call.steps.size()); }
  void setCount(size_t step, uint64_t count) {
    numbers_[step].magnitude.setWord(count);
    numbers_[step].exponent = 0;
    numbers_[step].negative = false;
  }
  void setSum(size_t step, const SumState& state, size_t group);
  /// Once every state is set. NaN where the denominator is zero.
  double finish(const Call& call);

 private:
  void compute(const Step& step, ExactNumber& result);
  void add(const ExactNumber& left, const ExactNumber& right, bool subtract, ExactNumber& result);
  double rootOf(int exponent, bool sticky, bool negative);

  std::vector<ExactNumber> numbers_;
  Natural quotient_;
  Natural addend_;
};

}  // namespace gdf::aggregate
