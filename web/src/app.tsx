// The whole page: the sign-in form, or the console of one workspace. Decides
// between them; everything else is below.
import { useEffect, useState } from "preact/hooks";

import { Api, ApiError } from "./api";
import { exposeForTests } from "./debug";
import { FileTab, nameOf } from "./model/file_tab";
import { Session } from "./model/session";
import type { Tab } from "./model/tabs";
import { Workspace } from "./model/workspace";
import { listenForShortcuts } from "./shortcuts";
import { forgetAll } from "./storage";
import { useStore } from "./store";
import { explain, toast } from "./toasts";
import {
  forgetToken,
  savedToken,
  saveToken,
  takeTokenFromAddress,
} from "./token";
import { ConfirmClose } from "./ui/confirm_close";
import { WithFiles } from "./ui/files_part";
import { Header } from "./ui/header";
import { Help } from "./ui/help";
import { NewTerminal } from "./ui/new_terminal";
import { SettingsDialog } from "./ui/settings_dialog";
import { SideBar } from "./ui/side_bar";
import { SignIn } from "./ui/sign_in";
import { Stage } from "./ui/stage";
import { dialog, renaming, searching } from "./ui/state";
import { ToastList } from "./ui/toast_list";

const refusal = "The daemon does not accept this token. Paste the current one.";

export function App() {
  const [token, setToken] = useState<string | null>(firstToken);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    // A console address pasted into the open page changes only its fragment.
    const onHash = () => {
      const given = firstToken();
      if (given !== null) setToken(given);
    };
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);

  /** Uses a token if the daemon accepts it. */
  const tryToken = async (given: string, lasting: boolean, quiet = false) => {
    setBusy(true);
    try {
      await new Api(given).list();
      if (given) saveToken(given, lasting);
      setProblem(null);
      setToken(given);
    } catch (failure) {
      const refused = failure instanceof ApiError && failure.unauthorised;
      if (!quiet) setProblem(refused ? refusal : explain(failure));
    }
    setBusy(false);
  };
  // A daemon started without authentication needs none.
  useEffect(() => {
    if (token === null) void tryToken("", false, true);
  }, []);

  if (token === null)
    return (
      <SignIn
        problem={problem}
        busy={busy}
        onToken={(given, lasting) => void tryToken(given, lasting)}
      />
    );
  const leave = (why: string | null) => {
    forgetToken();
    dialog.set(null);
    setProblem(why);
    setToken(null);
  };
  return <Console key={token} token={token} onLeave={leave} />;
}

interface ConsoleProps {
  token: string;
  /** Back to the sign-in form; with the reason unless the user asked. */
  onLeave: (problem: string | null) => void;
}

function Console({ token, onLeave }: ConsoleProps) {
  const [workspace, setWorkspace] = useState<Workspace | null>(null);
  const open = useStore(dialog);

  useEffect(() => {
    const created = new Workspace(new Api(token), () => onLeave(refusal));
    const stopKeys = listenForShortcuts(created);
    exposeForTests(created);
    setWorkspace(created);
    return () => {
      stopKeys();
      searching.set(false);
      renaming.set(null);
      created.dispose();
    };
  }, [token]);

  if (!workspace) return null;
  const signOut = () => {
    const { unsaved } = workspace.files;
    if (unsaved)
      return toast(`Save or close “${nameOf(unsaved.path)}” first.`);
    forgetAll("draft:", "session");
    onLeave(null);
  };
  return (
    <div class="console" data-testid="console">
      <PageTitle workspace={workspace} />
      <Header workspace={workspace} />
      <div class="console-body">
        <SideBar workspace={workspace} />
        <Stage workspace={workspace} />
      </div>
      {open === "help" && <Help />}
      {open === "new" && <NewTerminal workspace={workspace} />}
      {open === "open" && (
        <WithFiles>
          {({ QuickOpen }) => <QuickOpen workspace={workspace} />}
        </WithFiles>
      )}
      {open === "settings" && <SettingsDialog onSignOut={signOut} />}
      <ConfirmClose workspace={workspace} />
      <ToastList />
    </div>
  );
}

/** Keeps the window's title at that of the tab in front. */
function PageTitle({ workspace }: { workspace: Workspace }) {
  const front = useStore(workspace.tabs.front);
  useEffect(() => {
    const show = () => {
      const title = front instanceof FileTab ? nameOf(front.path) : titleOf(front);
      document.title = title ? `${title} – outrigger` : "outrigger";
    };
    show();
    if (front instanceof FileTab) return front.view.subscribe(show);
    return front instanceof Session ? front.view.subscribe(show) : undefined;
  }, [front]);
  return null;
}

function titleOf(tab: Tab | null): string {
  return tab instanceof Session ? tab.view.value.title : "";
}

/** From the address, which wins, or from an earlier visit. */
function firstToken(): string | null {
  const given = takeTokenFromAddress();
  if (given === null) return savedToken();
  saveToken(given, true);
  return given;
}
