export function TeamTable() {
  return <p>…</p>;
}
