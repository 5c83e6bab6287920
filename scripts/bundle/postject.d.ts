declare module "postject" {
  /** Writes a resource into an executable file (ELF, Mach-O or PE). */
  export function inject(
    file: string,
    resource: string,
    data: Buffer,
    options: { readonly sentinelFuse?: string; readonly machoSegmentName?: string },
  ): Promise<void>;
}
