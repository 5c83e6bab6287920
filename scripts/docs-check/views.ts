/** One way to see a page. */
export interface View {
  readonly name: "light" | "dark" | "phone";
  readonly colorScheme: "light" | "dark";
  readonly width: number;
  readonly height: number;
  /** Whether accessibility is judged too. The phone shows the colours of the light view. */
  readonly axe: boolean;
}

/** Every page is seen in each of these. */
export const VIEWS: readonly View[] = [
  { name: "light", colorScheme: "light", width: 1300, height: 900, axe: true },
  { name: "dark", colorScheme: "dark", width: 1300, height: 900, axe: true },
  { name: "phone", colorScheme: "light", width: 390, height: 844, axe: false },
];
