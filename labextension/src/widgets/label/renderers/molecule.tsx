/** A molecule as the kernel drew it: an SVG inside `<img>`, where it can do nothing. */
import { useEffect, useState } from "preact/hooks";
import { Cell, Plain, Trouble } from "../parts";
import { isPicture, type Picture } from "../protocol";
import type { Rendered } from "./index";

export function Molecule({ show, item }: Rendered) {
  return (
    <>
      {show.columns.map((name) => {
        const value = item.fields[name];
        return isPicture(value) ? (
          <Drawing key={name} name={name} picture={value} />
        ) : (
          <p key={name} class="qfl-template">
            <Cell value={value} />
          </p>
        );
      })}
    </>
  );
}

function Drawing({ name, picture }: { name: string; picture: Picture & { text?: string } }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    if (!picture.bytes) return;
    const made = URL.createObjectURL(
      new Blob([picture.bytes as unknown as BlobPart], { type: "image/svg+xml" }),
    );
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return (
    <figure class="qfl-molecule">
      {picture.error ? <Trouble>{picture.error}</Trouble> : null}
      {url ? <img src={url} alt={`Structure of ${picture.text ?? name}`} /> : null}
      {picture.text ? (
        <figcaption>
          <Plain text={picture.text} />
        </figcaption>
      ) : null}
    </figure>
  );
}
