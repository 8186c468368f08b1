/** A FITS cut-out: 16 bits a pixel come from the kernel, the stretch is chosen here. */
import { useMemo, useState } from "preact/hooks";
import { Stage } from "../drawing/stage";
import { Trouble } from "../parts";
import { isPicture, type Picture } from "../protocol";
import { eachDrawn, type Drawn } from "./drawn";
import { told, type Decoded } from "./image";
import { grey, limitsOf, lookUp, STRETCHES, type Stretch } from "./stretch";

export const FITS_MIME = "application/x-qforge-uint16";

export function CutOut(given: Drawn) {
  const { value, name } = given;
  const [stretch, setStretch] = useState<Stretch>("zscale");
  const decoded = useMemo(
    () => (isPicture(value) && value.bytes && !value.error ? stretched(value, stretch) : null),
    [value, stretch],
  );
  if (!decoded) return <Trouble>{told(name, value)}</Trouble>;
  const picture = value as Picture;
  return (
    <>
      <div class="qfl-row" role="group" aria-label="Stretch">
        {STRETCHES.map((each) => (
          <button
            type="button"
            key={each}
            aria-pressed={each === stretch}
            onClick={() => setStretch(each)}
          >
            {each}
          </button>
        ))}
        {picture.low !== undefined ? (
          <span class="qfl-soft">
            {level(picture.low)} … {level(picture.high)}
          </span>
        ) : null}
      </div>
      <Stage session={given.session} name={name} picture={decoded} questions={given.marking} />
    </>
  );
}

export const Fits = eachDrawn(CutOut);

/** Write a level in four digits, plainly where that is short. */
function level(value = 0): string {
  const size = Math.abs(value);
  if (size && (size < 1e-3 || size >= 1e6)) return value.toPrecision(4);
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

/** Rows run from the bottom up in FITS; the first one is drawn lowest. */
function stretched(picture: Picture, stretch: Stretch): Decoded | null {
  const { width = 0, height = 0 } = picture;
  const bytes = picture.bytes!;
  if (!width || !height || bytes.byteLength < 2 * width * height) return null;
  const pixels = new Uint16Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      pixels[(height - 1 - y) * width + x] = bytes.getUint16(2 * (y * width + x), true);
    }
  }
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const drawn = grey(pixels, lookUp(stretch, limitsOf(pixels, stretch)));
  canvas.getContext("2d")?.putImageData(new ImageData(drawn as any, width, height), 0, 0);
  return { source: canvas, width, height };
}
