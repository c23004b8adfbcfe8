/** A text as it stands in an attribute or an element: nothing of it is markup, and no white space of it gets lost. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
