/**
 * The anchor of a heading, by GitHub's rule: the site has the same, so a link works at both.
 * @param {string} heading
 * @returns {string}
 */
export const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
