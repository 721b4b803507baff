// What the rest of the page takes from here, loaded as one part with the
// first of them (ui/files_part).
import "./style/explorer.css";
import "./style/transfers.css";
import "./style/search.css";
import "./style/file_view.css";

export { Explorer } from "./ui/explorer";
export { FileView } from "./ui/file_view";
export { QuickOpen } from "./ui/quick_open";
