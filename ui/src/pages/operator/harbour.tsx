export function Harbour() {
  return <p>…</p>;
}
