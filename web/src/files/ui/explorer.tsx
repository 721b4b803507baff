// What the side bar shows: the tree or the search, what is being transferred,
// and the questions before something is lost.
import { useEffect } from "preact/hooks";

import { FileTab } from "../../model/file_tab";
import type { Workspace } from "../../model/workspace";
import { useStore } from "../../store";
import { Dialog, DialogActions } from "../../ui/dialog";
import { Icon } from "../../ui/icons";
import { showSideBar, sideBar } from "../../ui/state";
import type { SideBarState } from "../../ui/state";
import { filesOf } from "../files";
import type { Files } from "../files";
import type { Node } from "../tree";
import { count } from "../wording";
import { FilesIcon } from "./icons";
import { MenuPlace } from "./menu";
import { SearchPanel } from "./search_panel";
import { TransferList } from "./transfer_list";
import { chooseFiles } from "./tree_menu";
import { TreeView } from "./tree_view";

const namesListed = 20;

export function Explorer({ workspace }: { workspace: Workspace }) {
  const files = filesOf(workspace);
  const { view } = useStore(sideBar);
  useReveal(files);
  return (
    <div class="explorer">
      <div class="explorer-head">
        <ViewButton name="tree" label="Files" shown={view} />
        <ViewButton name="search" label="Search" shown={view} />
        <span class="explorer-tools">
          {view === "tree" && <TreeTools files={files} />}
        </span>
      </div>
      {view === "tree" && <Title files={files} />}
      {view === "tree" && <TreeView files={files} />}
      {view === "search" && <SearchPanel files={files} />}
      <LiveNote files={files} />
      <TransferList files={files} />
      <DeleteQuestion files={files} />
      <MenuPlace />
    </div>
  );
}

interface ViewButtonProps {
  name: SideBarState["view"];
  label: string;
  shown: SideBarState["view"];
}

function ViewButton({ name, label, shown }: ViewButtonProps) {
  return (
    <button
      type="button"
      class="view-button"
      aria-pressed={name === shown}
      data-testid={`view-${name}`}
      onClick={() => showSideBar(name)}
    >
      {label}
    </button>
  );
}

function Title({ files }: { files: Files }) {
  const title = useStore(files.title);
  const place = files.client.root;
  return (
    <div class="explorer-title" title={place}>
      {title || " "}
    </div>
  );
}

function TreeTools({ files }: { files: Files }) {
  const { actions, selection, tree } = files;
  /** New things go where the selection is. */
  const folder = (): Node => {
    const { node } = selection;
    if (!node) return tree.root;
    if (node.folder) return node;
    return tree.find(node.path.slice(0, node.path.lastIndexOf("/"))) ?? tree.root;
  };
  const tools = [
    {
      icon: "newFile",
      label: "New file",
      run: () => void actions.askName(folder(), "file"),
    },
    {
      icon: "newFolder",
      label: "New folder",
      run: () => void actions.askName(folder(), "directory"),
    },
    {
      icon: "upload",
      label: "Upload files",
      run: () => chooseFiles(files, folder().path, false),
    },
    { icon: "refresh", label: "Refresh", run: () => tree.refresh() },
    { icon: "closeAll", label: "Close all folders", run: () => tree.closeAll() },
  ] as const;
  return (
    <>
      {tools.map(({ icon, label, run }) => (
        <button
          key={icon}
          type="button"
          class="icon-button small"
          aria-label={label}
          title={label}
          data-testid={`tool-${icon}`}
          onClick={run}
        >
          <FilesIcon name={icon} />
        </button>
      ))}
    </>
  );
}

/** When the daemon does not report changes, or not all. */
function LiveNote({ files }: { files: Files }) {
  const state = useStore(files.live.state);
  if (state !== "off" && state !== "degraded") return null;
  return (
    <div class="live-note" role="status" data-testid="live-note">
      <span>
        {state === "off"
          ? "Changes are not followed."
          : "Some changes are shown late."}
      </span>
      <button type="button" onClick={() => files.tree.refresh()}>
        Refresh
      </button>
    </div>
  );
}

function DeleteQuestion({ files }: { files: Files }) {
  const nodes = useStore(files.actions.deleting);
  const [first] = nodes ?? [];
  if (!nodes || !first) return null;
  const cancel = () => files.actions.deleting.set(null);
  const what = nodes.length === 1 ? `“${first.name}”` : count(nodes.length, "thing");
  const deep = nodes.some(({ folder, type }) => folder && type !== "symlink");
  return (
    <Dialog label="Delete" testid="delete-dialog" onClose={cancel}>
      <h2>Delete {what}?</h2>
      {nodes.length > 1 && (
        <p class="name-list">{listed(nodes)}</p>
      )}
      <p>
        {deep ? "Everything in it is deleted too. " : ""}This cannot be undone.
      </p>
      <DialogActions onCancel={cancel}>
        <button
          type="button"
          class="danger"
          autofocus
          data-testid="delete-confirm"
          onClick={() => void files.actions.remove(nodes)}
        >
          <Icon name="close" /> Delete
        </button>
      </DialogActions>
    </Dialog>
  );
}

function listed(nodes: readonly Node[]): string {
  const names = nodes.slice(0, namesListed).map(({ name }) => name);
  const more = nodes.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The file in front is shown in the tree. */
function useReveal(files: Files): void {
  const { tabs } = files.workspace;
  useEffect(() => {
    const reveal = () => {
      const { value } = tabs.front;
      if (!(value instanceof FileTab)) return;
      const { path } = value;
      if (files.selection.chosen.value.at === path) return;
      void files.tree.reveal(path).then(() => {
        const still = tabs.front.value === value;
        if (still && files.tree.find(path)) files.selection.only(path);
      });
    };
    reveal();
    const stops = [tabs.front.subscribe(reveal), files.title.subscribe(reveal)];
    return () => stops.forEach((stop) => stop());
  }, [files]);
}
