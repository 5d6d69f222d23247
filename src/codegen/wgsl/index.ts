export { packLiterals, packSets } from "./literals.ts";
export {
  ARENA,
  arrayName,
  outputName,
  outputValidityName,
  type RenderedStage,
  renderStage,
} from "./render.ts";
export {
  type ColumnArray,
  planStages,
  type Stage,
  type StageOutput,
  type StagePlan,
} from "./stages.ts";
