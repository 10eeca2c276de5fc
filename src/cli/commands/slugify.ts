/**
 * A name as it may stand in an address: `Café Zürich` becomes `cafe-zurich`. Names without any
 * letter of the Latin alphabet get the fallback.
 */
export function slugify(name: string, fallback: string): string {
  const slug = name
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
  return slug === "" ? fallback : slug;
}
