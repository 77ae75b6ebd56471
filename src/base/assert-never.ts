/** Marks the branch that no value of a union can reach; a compile error shows the forgotten member. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
