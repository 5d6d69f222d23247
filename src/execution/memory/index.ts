export { hostBudget, taskShare } from "./budget.ts";
