/** A picture; the browser decodes it from bytes that came with the item, nothing is fetched. */
import { useEffect, useState } from "preact/hooks";
import { Stage } from "../drawing/stage";
import { Trouble } from "../parts";
import { isPicture, type Picture } from "../protocol";
import { eachDrawn, type Drawn } from "./drawn";

export interface Decoded {
  source: CanvasImageSource;
  width: number;
  height: number;
}

export function Pictured(given: Drawn) {
  const { value, name } = given;
  const [found, setFound] = useState<Decoded | string | null>(null);
  useEffect(() => {
    if (!isPicture(value) || value.error || !value.bytes) {
      setFound(told(name, value));
      return;
    }
    return decode(value, (decoded) =>
      setFound(decoded ?? `The picture in “${name}” is damaged or no picture: skip it, or mend the row`),
    );
  }, [value]);
  if (typeof found === "string") return <Trouble>{found}</Trouble>;
  if (!found) return <p class="qfl-soft">Decoding the picture …</p>;
  return (
    <Stage
      session={given.session}
      name={name}
      picture={found}
      questions={given.marking}
    />
  );
}

export const Image = eachDrawn(Pictured);

export function told(name: string, value: unknown): string {
  if (isPicture(value) && value.error) return value.error;
  return `There is no picture in “${name}” of this row`;
}

/** Decode as `<img>`, in which a drawing runs no script and loads nothing. */
function decode(picture: Picture, onDone: (found: Decoded | null) => void): () => void {
  const bytes = picture.bytes!;
  const blob = new Blob([bytes as unknown as BlobPart], { type: picture.mime ?? "" });
  const url = URL.createObjectURL(blob);
  const image = document.createElement("img");
  image.onload = () =>
    onDone({
      source: image,
      width: picture.width ?? (image.naturalWidth || 300),
      height: picture.height ?? (image.naturalHeight || 300),
    });
  image.onerror = () => onDone(null);
  image.src = url;
  return () => {
    image.onload = image.onerror = null;
    URL.revokeObjectURL(url);
  };
}
