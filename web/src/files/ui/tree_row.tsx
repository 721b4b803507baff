// One row of the tree: a file or folder, the field for a new one, or a note.
import type { Files } from "../files";
import { badName } from "../names";
import type { Editing, Node, Row } from "../tree";
import { bytes } from "../wording";
import { FilesIcon, NodeIcon } from "./icons";
import { NameField } from "./name_field";

interface TreeRowProps {
  row: Row;
  index: number;
  top: string;
  files: Files;
  editing: Editing | null;
  chosen: boolean;
  at: boolean; // the keyboard is here
  target: boolean; // what is dragged would go here
  back: () => void; // the tree gets the keyboard back
}

export function TreeRow(props: TreeRowProps) {
  const { row, top } = props;
  if (row.kind === "node") return <NodeRow {...props} node={row.node} />;
  const depth = row.parent.depth + 1;
  const style = { top, "--depth": String(depth) };
  if (row.kind === "note")
    return (
      <div class="tree-row note" role="none" style={style}>
        {row.text}
      </div>
    );
  return (
    <div class="tree-row" role="none" style={style}>
      <span class="tree-twist" />
      <FilesIcon name={row.type === "file" ? "file" : "folder"} />
      <NewField {...props} parent={row.parent} type={row.type} />
    </div>
  );
}

function NodeRow(props: TreeRowProps & { node: Node }) {
  const { row, node, index, top, chosen, at, target, files } = props;
  if (row.kind !== "node") return null;
  const editing =
    props.editing?.kind === "rename" && props.editing.path === node.path;
  const names = ["tree-row"];
  if (chosen) names.push("chosen");
  if (at) names.push("at");
  if (target) names.push("target");
  return (
    <div
      id={`tree-row-${index}`}
      class={names.join(" ")}
      role="treeitem"
      aria-level={node.depth + 1}
      aria-setsize={row.of}
      aria-posinset={row.at}
      aria-selected={chosen}
      aria-label={node.name}
      {...(node.folder ? { "aria-expanded": node.open } : {})}
      style={{ top, "--depth": String(node.depth) }}
      title={hint(node)}
      draggable={!editing}
      data-testid="tree-row"
      data-path={node.path}
      data-index={index}
    >
      <span class={`tree-twist ${node.open ? "open" : ""}`}>
        {node.folder && <FilesIcon name="chevron" />}
      </span>
      <NodeIcon node={node} />
      {editing ? (
        <RenameField {...props} node={node} files={files} />
      ) : (
        <span class="tree-name">{node.name}</span>
      )}
      {node.listing !== "no" && node.children === null && (
        <span class="tree-busy" aria-hidden="true" />
      )}
    </div>
  );
}

function RenameField({ node, files, back }: TreeRowProps & { node: Node }) {
  const folder = node.path.slice(0, node.path.lastIndexOf("/"));
  const siblings = files.tree.find(folder);
  return (
    <NameField
      name={node.name}
      label={`New name of ${node.name}`}
      taken={(name) => siblings?.byName.has(name) ?? false}
      finish={(name) => {
        files.tree.editing.set(null);
        back();
        if (name !== null) void files.actions.rename(node, name);
      }}
    />
  );
}

interface NewFieldProps extends TreeRowProps {
  parent: Node;
  type: "file" | "directory";
}

function NewField({ parent, type, files, back }: NewFieldProps) {
  return (
    <NameField
      name=""
      label={type === "file" ? "Name of the new file" : "Name of the new folder"}
      taken={(name) => parent.byName.has(name)}
      finish={(name) => {
        files.tree.editing.set(null);
        back();
        if (name !== null && badName(name) === null)
          void files.actions.create(`${parent.path}/${name}`, type);
      }}
    />
  );
}

function hint(node: Node): string {
  const lines = [node.path.slice(1)];
  if (node.type === "symlink") lines.push("link");
  if (!node.folder && node.modified) {
    const when = new Date(node.modified).toLocaleString();
    lines.push(`${bytes(node.size)} · ${when}`);
  }
  return lines.join("\n");
}
