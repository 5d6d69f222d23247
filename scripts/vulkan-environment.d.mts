export function vulkanEnvironment(environment?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
