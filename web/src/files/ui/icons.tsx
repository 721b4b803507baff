// Icons of the files' views, in the style of ui/icons.
import { Drawing } from "../../ui/icons";
import type { Node } from "../tree";

const lines = {
  newFile: "M8.5 2h-5v12h9v-3M8.5 2v3.5h3.5v2M12 8v5M9.5 10.5h5",
  newFolder: "M14 8v-3h-6.5l-1.5-2h-4.5v10h6M12 9.5v5M9.5 12h5",
  upload: "M8 10.5v-7.5M4.8 6l3.2-3.2 3.2 3.2M2.8 10.5v2.7h10.4v-2.7",
  refresh: "M13.2 8a5.2 5.2 0 11-1.6-3.7M13.2 2v3h-3",
  closeAll: "M5 2.5h8.5v8.5M2.5 5h8.5v8.5h-8.5zM4.8 9.3h4",
  folder: "M1.8 3.5h4.2l1.5 1.8h6.7v7.4h-12.4z",
  folderOpen: "M1.8 12.7v-9.2h4.2l1.5 1.8h5.2v2M1.8 12.7l2-5.4h11l-2 5.4z",
  file: "M9.5 2h-5.5v12h8v-9.5zM9.5 2v2.5h2.5",
  link: "M9.5 2h-5.5v12h8v-9.5zM6.3 10.5c0-2 1-2.8 3-2.8M7.8 6l1.8 1.7-1.8 1.7",
  chevron: "M6.2 4.5l3.6 3.5-3.6 3.5",
  check: "M3 8.5l3.2 3.2 6.8-7",
  eye: "M1.5 8s2.4-4.3 6.5-4.3 6.5 4.3 6.5 4.3-2.4 4.3-6.5 4.3-6.5-4.3-6.5-4.3zM8 6.4a1.6 1.6 0 110 3.2 1.6 1.6 0 010-3.2z",
  warn: "M8 2.5l6 11h-12zM8 6.8v3M8 11.7v.1",
  download: "M8 3v7.5M4.8 7.3l3.2 3.2 3.2-3.2M2.8 10.5v2.7h10.4v-2.7",
} as const;

export function FilesIcon({ name }: { name: keyof typeof lines }) {
  return <Drawing lines={lines[name]} />;
}

export function NodeIcon({ node }: { node: Node }) {
  if (node.folder)
    return (
      <span class="tint folder">
        <FilesIcon name={node.open ? "folderOpen" : "folder"} />
      </span>
    );
  return (
    <span class={`tint ${tint(node.name)}`}>
      <FilesIcon name={node.type === "symlink" ? "link" : "file"} />
    </span>
  );
}

const kinds: [string, RegExp][] = [
  ["image", /\.(png|jpe?g|gif|svg|webp|avif|ico|bmp)$/i],
  ["prose", /\.(md|txt|rst|adoc|pdf|org)$|^(README|LICENSE|CHANGELOG)/i],
  ["data", /\.(json|ya?ml|toml|ini|xml|csv|lock|sql|env|conf|cfg)$|^\.\w/i],
  ["web", /\.(html?|css|scss|vue|svelte)$/i],
  [
    "code",
    /\.([cm]?[jt]sx?|py|rs|go|java|kt|cs|rb|php|lua|swift|c|h|cc|cpp|hpp|sh|cmake)$/i,
  ],
];

/** Files of a kind have a colour. */
export function tint(name: string): string {
  return kinds.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}
