/** A QR code (ISO/IEC 18004) as SVG. Black on white in both themes: cameras read nothing else as reliably. */
import qrcode from 'qrcode-generator';
import { useMemo } from 'react';

/** White around it, in modules, as the standard asks for. */
const quiet = 4;

export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => modulesOf(text), [text]);
  const whole = size + 2 * quiet;
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${whole} ${whole}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={whole} height={whole} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Dark runs of each row as rectangles, so that no hairline shows between modules. */
function modulesOf(text: string): { readonly size: number; readonly path: string } {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = '';
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const from = column;
      while (column < size && code.isDark(row, column)) column++;
      if (column > from) path += `M${from + quiet} ${row + quiet}h${column - from}v1h${from - column}z`;
    }
  }
  return { size, path };
}
