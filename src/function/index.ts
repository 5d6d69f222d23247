export {
  type AggregateRequest,
  aggregatesIn,
  type PlannedAggregates,
  planAggregates,
} from "./aggregate/plan.ts";
export { bindExpression } from "./bind.ts";
export * from "./bound.ts";
export { loweredProgram, lowerMasked, lowerProgram } from "./lower.ts";
export { exprText, outputName } from "./print.ts";
export { substituteAggregates, substituteColumns } from "./substitute.ts";
