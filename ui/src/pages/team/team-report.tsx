export function TeamReport() {
  return <p>…</p>;
}
