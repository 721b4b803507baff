// The page's icons: 16 px line drawings in the colour of the text around.

const paths = {
  plus: "M8 3v10M3 8h10",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  down: "M4.5 6.5L8 10l3.5-3.5",
  up: "M4.5 9.5L8 6l3.5 3.5",
  search: "M7 2.8a4.2 4.2 0 110 8.4 4.2 4.2 0 010-8.4zM10.2 10.2L13.5 13.5",
  settings: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
  help: "M5.8 6a2.3 2.3 0 114 1.5c-.9.8-1.8 1.2-1.8 2.4M8 12.4v.2",
  prompt: "M3 4.5L6.5 8 3 11.5M8 12h5",
  files: "M9.5 2h-4v9h7.5v-5.5zM9.5 2v3.5h3.5M5.5 5h-2.5v9h7.5v-3",
  file: "M9.5 2h-5.5v12h8v-9.5zM9.5 2v2.5h2.5",
} as const;

export function Icon({ name }: { name: keyof typeof paths }) {
  return <Drawing lines={paths[name]} />;
}

/** An icon by the path of its lines. */
export function Drawing({ lines }: { lines: string }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={lines} />
    </svg>
  );
}
