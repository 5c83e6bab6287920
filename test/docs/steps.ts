import { type Block, blocksOf } from "./pages.ts";

/** A command of a page, and what the page says that it prints. */
export interface Step {
  readonly command: Block;
  readonly shown: Block | undefined;
}

/** The commands of a page, in their order. */
export function stepsOf(page: string): readonly Step[] {
  const blocks = blocksOf(page);
  return blocks.flatMap((command, index) => {
    const next = blocks[index + 1];
    return command.language === "sh" ? [{ command, shown: next?.language === "text" ? next : undefined }] : [];
  });
}
