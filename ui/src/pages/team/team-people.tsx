export function TeamPeople() {
  return <p>…</p>;
}
